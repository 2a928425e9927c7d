//! What the choices in a record are called on a page: those that are no words by themselves have a
//! sentence here, the others are their names with blanks.

use super::value::name;

/// Names of choices, as records hold them, and what they say.
const SAID: [(&str, &str); 38] = [
    ("ambiguous_pairing", "more than one vehicle or plate fits"),
    ("axle_crc_mismatch", "the axles do not add up to the controller's check sum"),
    ("axle_group_only", "over on an axle group only"),
    ("axles_out_of_order", "the instants of the axles do not increase"),
    ("begin_contradicted", "begin and end tell different lanes or directions"),
    ("begin_missing", "the begin of the vehicle never came"),
    ("camera_clock_unknown", "the clock of the camera is not learnt yet"),
    ("certificate_expired", "the verification certificate had expired"),
    ("clock_unsynchronised", "the system clock was not synchronised"),
    ("end_missing", "the end of the vehicle never came"),
    ("evidence_incomplete", "a required picture is missing"),
    ("gross_disagrees", "the controller's gross mass is not the sum of the axles"),
    ("grouping_uncertain", "the axle groups are uncertain"),
    ("lane_unmapped", "no lane of the configuration"),
    ("length_disagrees", "the axles are further apart than the vehicle is long"),
    ("limit_ambiguous", "the most favourable reading is not over"),
    ("manoeuvre", "not driven as a weighing asks"),
    ("measurement_inconsistent", "the measurement contradicts itself"),
    ("missing_axle", "fewer axles came than were announced"),
    ("no_certificate", "the scale tells no verification certificate"),
    ("no_passage", "no weighed vehicle fits"),
    ("no_plate", "no plate belongs to it"),
    ("not_goods_vehicle", "a camera says that it is a bus: the limits are those of goods vehicles"),
    ("not_held_by_controller", "the controller does not hold them any more"),
    ("not_overload", "not over the limit for certain"),
    ("off_scale", "wheels beside the scale"),
    ("part_of_vehicle", "a part of a vehicle only"),
    ("plate_not_read", "the plate could not be read whole"),
    ("plate_unconfirmed", "one camera alone read the plate, and not for certain"),
    ("repeated", "it repeats an event that a record has"),
    ("scale_drift", "the scale has drifted: good for statistics only"),
    ("scale_time_unknown", "the time of the controller is not known"),
    ("sensor_fault", "a sensor of the lane was faulty"),
    ("speed_out_of_range", "the speed is not one that the scale is approved for"),
    ("surplus_axle", "more axles came than were announced"),
    ("time_unmapped", "the instants are those of arrival"),
    ("unknown_remark", "the controller makes a remark that this version does not know"),
    ("unreadable", "they came whole and cannot be read"),
];

/// A choice in words.
pub(in crate::command) fn words(choice: &impl serde::Serialize) -> String {
    said(&name(choice))
}

/// A name in words.
pub(in crate::command) fn said(name: &str) -> String {
    let known = SAID.into_iter().find(|(choice, _)| *choice == name);
    known.map_or_else(|| name.replace('_', " "), |(_, said)| said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Translator;
    use crate::pipeline::assess::{Alarm, Verdict};
    use crate::pipeline::evasion::EvasionKind;
    use crate::pipeline::pairing::PairingOutcome;
    use crate::pipeline::passage::{Direction, QualityFlag, Tyres};
    use crate::pipeline::plate::{
        CameraRole, LateReason, PictureKind, PlateColour, PlateFormat, PlateState,
    };
    use crate::pipeline::record::reconciliation::{Kinds, Period};
    use crate::pipeline::record::{
        Channel, Evicted, EvictionReason, SupplementReason, Unenforceable,
    };
    use schemars::{JsonSchema, schema_for};
    use serde_json::Value;

    /// The names of all choices of a type.
    fn choices<T: JsonSchema>() -> Vec<String> {
        let schema = schema_for!(T).to_value();
        let single = schema["enum"].as_array().into_iter().flatten();
        let variants = schema["oneOf"].as_array().into_iter().flatten();
        let variants = variants.flat_map(|variant| {
            let several = variant["enum"].as_array().into_iter().flatten();
            several.chain([&variant["const"]])
        });
        let counted = schema["properties"].as_object().into_iter().flat_map(|map| map.keys());
        let named = single.chain(variants).filter_map(Value::as_str).map(str::to_owned);
        named.chain(counted.cloned()).collect()
    }

    #[test]
    fn every_choice_that_a_page_shows_has_words_in_both_languages() {
        let all = [
            choices::<Alarm>(),
            choices::<CameraRole>(),
            choices::<Channel>(),
            choices::<Direction>(),
            choices::<EvasionKind>(),
            choices::<Evicted>(),
            choices::<EvictionReason>(),
            choices::<Kinds>(),
            choices::<LateReason>(),
            choices::<PairingOutcome>(),
            choices::<Period>(),
            choices::<PictureKind>(),
            choices::<PlateColour>(),
            choices::<PlateFormat>(),
            choices::<PlateState>(),
            choices::<QualityFlag>(),
            choices::<SupplementReason>(),
            choices::<Tyres>(),
            choices::<Unenforceable>(),
            choices::<Verdict>(),
        ]
        .concat();
        assert!(all.len() > 100, "{all:?}");
        let translator = Translator::default();
        let missing: Vec<String> = all
            .iter()
            .map(|choice| said(choice))
            .filter(|said| translator.phrase(said).is_none())
            .collect();
        assert!(missing.is_empty(), "{} missing:\n{}", missing.len(), missing.join("\n"));
    }

    #[test]
    fn the_sentences_are_in_the_order_of_their_names() {
        assert!(SAID.is_sorted_by_key(|(name, _)| *name));
    }
}
