//! Plates that a camera may have read off one and the same sheet.

/// Characters that readers of plates take for one another (the kind of cameras.md and law.md
/// section 8); each pair both ways.
const CONFUSED: [(char, char); 12] = [
    ('8', 'B'),
    ('0', 'D'),
    ('0', 'Q'),
    ('D', 'Q'),
    ('1', 'L'),
    ('2', 'Z'),
    ('5', 'S'),
    ('6', 'G'),
    ('7', 'T'),
    ('C', 'G'),
    ('U', 'V'),
    ('E', 'F'),
];

/// Two events of one vehicle seldom differ by more characters than that.
const MOST_DIFFERING: usize = 2;

/// Whether both were read and are the same but for characters that are easily confused. Trucks of
/// one fleet, numbered one after the other, differ by digits that are not.
pub(super) fn same_or_confused(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return false;
    };
    if one == other {
        return true;
    }
    if one.chars().count() != other.chars().count() {
        return false;
    }
    let mut differing = one.chars().zip(other.chars()).filter(|(a, b)| a != b);
    let confused =
        |(a, b): &(char, char)| CONFUSED.iter().any(|pair| *pair == (*a, *b) || *pair == (*b, *a));
    differing.clone().count() <= MOST_DIFFERING && differing.all(|pair| confused(&pair))
}

/// One or two characters differ, the rest agrees in place.
pub(in crate::pipeline) fn differ_by_little(first: &str, second: &str) -> bool {
    if first.chars().count() != second.chars().count() {
        return false;
    }
    let differing = first.chars().zip(second.chars()).filter(|(a, b)| a != b);
    (1..=2).contains(&differing.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plates_of_one_fleet_are_two_plates() {
        let same = |one, other| same_or_confused(Some(one), Some(other));
        assert!(same("赣H12345", "赣H12345"));
        assert!(same("赣H8234S", "赣HB2345"));
        assert!(!same("赣H12345", "赣H12346"));
        assert!(!same("赣H88885", "赣HBBB8S"));
        assert!(!same("赣H1234", "赣H12345"));
        assert!(!same_or_confused(None, None));
    }
}
