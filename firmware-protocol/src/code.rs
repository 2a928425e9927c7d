//! Enumerations of one byte on the wire that keep a code which this version does not know.

/// Declares such an enumeration.
macro_rules! codes {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A code that this version does not know; to be treated as not known.
            Other(u8),
        }

        impl $name {
            /// The meaning of a byte on the wire.
            pub const fn from_code(code: u8) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    other => Self::Other(other),
                }
            }

            /// The byte on the wire.
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(other) => other,
                }
            }
        }
    };
}

pub(crate) use codes;
