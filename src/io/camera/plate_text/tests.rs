use proptest::prelude::*;

use super::*;
use crate::pipeline::plate::PlateFormat;

fn read(raw: &str) -> PlateText {
    normalise(raw)
}

fn with(state: PlateState, text: &str, prefix: Option<PlateColour>) -> PlateText {
    PlateText { state, text: Some(text.into()), prefix }
}

#[test]
fn blanks_dots_and_full_width_letters_are_normalised() {
    for raw in ["赣E12345", "赣E·12345", " 赣 E.12345 ", "赣Ｅ１２３４５", "赣e12345"] {
        assert_eq!(read(raw), with(PlateState::Read, "赣E12345", None), "{raw}");
    }
}

#[test]
fn one_leading_colour_character_is_split_off_before_a_province_only() {
    assert_eq!(read("黄赣E12345"), with(PlateState::Read, "赣E12345", Some(PlateColour::Yellow)));
    assert_eq!(read("绿赣AD12345"), with(PlateState::Read, "赣AD12345", Some(PlateColour::Green)));
    assert_eq!(read("蓝黄赣E12345"), with(PlateState::Read, "蓝黄赣E12345", None));
    assert_eq!(read("黄12345"), with(PlateState::Read, "黄12345", None));
    assert_eq!(read("黑A12345"), with(PlateState::Read, "黑A12345", None));
}

#[test]
fn sentinels_become_states() {
    let states = ["noPlate", "无车牌", "unknown", "", "--", "unlicensed", "遮挡", "-------"]
        .map(|raw| (read(raw).state, read(raw).text));
    assert_eq!(
        states,
        [
            (PlateState::Absent, None),
            (PlateState::Absent, None),
            (PlateState::Unread, None),
            (PlateState::Unread, None),
            (PlateState::Unread, None),
            (PlateState::Absent, None),
            (PlateState::Covered, None),
            (PlateState::Unread, None),
        ]
    );
}

#[test]
fn a_missing_character_makes_it_partial() {
    assert_eq!(read("赣E1-345"), with(PlateState::Partial, "赣E1-345", None));
    assert_eq!(
        read("黄赣E?2<45"),
        with(PlateState::Partial, "赣E-2-45", Some(PlateColour::Yellow))
    );
}

#[test]
fn a_text_beyond_any_plate_is_unread() {
    assert_eq!(read(&"赣".repeat(13)).state, PlateState::Unread);
}

#[test]
fn all_chinese_formats_are_known() {
    let formats = [
        ("赣E12345", Some(PlateFormat::Civil)),
        ("赣E1234挂", Some(PlateFormat::Trailer)),
        ("赣E1234学", Some(PlateFormat::School)),
        ("赣EA123警", Some(PlateFormat::Police)),
        ("粤Z1234港", Some(PlateFormat::HongKongMacao)),
        ("粤ZA123澳", Some(PlateFormat::HongKongMacao)),
        ("赣AD12345", Some(PlateFormat::NewEnergySmall)),
        ("赣A12345D", Some(PlateFormat::NewEnergyLarge)),
        ("123456使", Some(PlateFormat::Embassy)),
        ("沪A1234领", Some(PlateFormat::Consulate)),
        ("WJ赣12345", Some(PlateFormat::ArmedPolice)),
        ("WJ1234X", Some(PlateFormat::ArmedPolice)),
        ("VA12345", Some(PlateFormat::Military)),
        ("赣E1234超", Some(PlateFormat::Special)),
        ("赣EI2345", None),
        ("赣E123", None),
        ("ABC1234", None),
        ("", None),
    ];
    for (text, format) in formats {
        assert_eq!(plate_format(text), format, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_gives_a_bounded_plate(raw in any::<String>()) {
        let plate = normalise(&raw);
        prop_assert_eq!(
            plate.text.is_some(),
            matches!(plate.state, PlateState::Read | PlateState::Partial)
        );
        if let Some(text) = plate.text {
            prop_assert!(text.chars().count() <= MAX_CHARACTERS);
            let again = normalise(&text);
            if plate.prefix.is_none() && again.prefix.is_none() {
                prop_assert_eq!(again.text.as_ref(), Some(&text));
            }
            let _ = plate_format(&text);
        }
    }

    #[test]
    fn a_prefix_never_changes_the_plate(
        colour in prop::sample::select(vec!["蓝", "黄", "绿", "白", "黑"]),
        serial in "[A-HJ-NP-Z][A-HJ-NP-Z0-9]{5}",
    ) {
        let plate = format!("赣{serial}");
        prop_assert_eq!(normalise(&format!("{colour}{plate}")).text, Some(plate));
    }
}
