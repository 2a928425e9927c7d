//! What the controller itself found wrong with a measurement.

/// A set of remarks on an axle or a vehicle, one bit each.
///
/// Bits that this version does not know are kept. They make a measurement doubtful: a newer
/// controller says something about it that the receiver cannot understand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(
    /// The bits as on the wire.
    pub u16,
);

impl Flags {
    /// No remark.
    pub const NONE: Self = Self(0);
    /// Stopped and started on the scale.
    pub const STOP_AND_GO: Self = Self(1 << 0);
    /// Braked on the scale.
    pub const BRAKING: Self = Self(1 << 1);
    /// Accelerated on the scale.
    pub const ACCELERATING: Self = Self(1 << 2);
    /// Drove an S-shaped path.
    pub const S_DRIVING: Self = Self(1 << 3);
    /// Wheels on the seam of two lanes.
    pub const STRADDLING: Self = Self(1 << 4);
    /// Wheels beside the scale.
    pub const OFF_SCALE: Self = Self(1 << 5);
    /// Not separated from the vehicle before or behind.
    pub const TAILGATING: Self = Self(1 << 6);
    /// A sensor of the lane was faulty, or a load was beyond its range.
    pub const SENSOR_FAULT: Self = Self(1 << 7);
    /// Speed outside the approved range of the scale.
    pub const SPEED_OUT_OF_RANGE: Self = Self(1 << 8);
    /// All bits that version 1 knows.
    pub const KNOWN: Self = Self((1 << 9) - 1);

    /// Whether all of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those set in either.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that this version does not know.
    pub const fn unknown(self) -> Self {
        Self(self.0 & !Self::KNOWN.0)
    }

    /// Whether there is no remark.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
