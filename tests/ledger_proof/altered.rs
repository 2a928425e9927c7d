//! Exports to which something was done.

use super::*;

#[tokio::test]
async fn whatever_was_done_to_an_export_is_named_with_its_sequence() {
    let good = twelve_records().await;
    let lines = &good.lines;
    good.assert_bad(&changed(lines, 5, "event 5", "event 6"), "sequence 5 (line 5): altered");
    let mut fewer = lines.clone();
    fewer.drain(6..8);
    good.assert_bad(&fewer, "sequence 7 to 8: missing");
    let mut more = lines.clone();
    more.push(lines[2].clone());
    good.assert_bad(&more, "sequence 3");
    good.assert_bad(&more, "duplicate");
    let signature = member(lines, 4, "sig");
    let other = member(lines, 9, "sig");
    let swapped = changed(lines, 4, &signature, &other);
    good.assert_bad(&swapped, "sequence 4 (line 4): bad signature");
    let prev = member(lines, 6, "prev");
    let relinked = changed(lines, 6, &prev, &"0".repeat(64));
    good.assert_bad(&relinked, "sequence 6: does not follow the record before it");
    let mut cut = lines.clone();
    cut[10].truncate(300);
    good.assert_bad(&cut, "line 11: no published record");
}

#[tokio::test]
async fn a_record_proves_its_sequence() {
    let good = twelve_records().await;
    let renumbered = |seq: usize, to: usize| {
        let (from, to) = (format!("\"seq\":{seq},"), format!("\"seq\":{to},"));
        changed(&good.lines, seq, &from, &to)[seq - 1].clone()
    };
    let shifted: Vec<String> = (1..=12).map(|seq| renumbered(seq, seq + 1_000)).collect();
    good.assert_bad(&shifted, "sequence 1001 (line 1): altered");
    let mut swapped = good.lines.clone();
    (swapped[3], swapped[4]) = (renumbered(5, 4), renumbered(4, 5));
    good.assert_bad(&swapped, "sequence 4 (line 4): altered");
    let mut closed_up = good.lines.clone();
    closed_up.splice(6..8, [renumbered(8, 7)]);
    good.assert_bad(&closed_up, "sequence 7 (line 7): altered");
}

#[tokio::test]
async fn what_was_put_beside_the_sealed_values_is_an_alteration() {
    let good = twelve_records().await;
    let twice = changed(&good.lines, 5, r#""record":{"#, r#""record":{"body":{"kind":"alarm"},"#);
    good.assert_bad(&twice, "line 5");
    let beside = changed(&good.lines, 5, r#"{"proof""#, r#"{"note":"forged","proof""#);
    good.assert_bad(&beside, "line 5: no published record");
}

#[tokio::test]
async fn the_page_of_an_altered_record_shows_no_proof() {
    let good = twelve_records().await;
    let page = |lines: &[String]| {
        let mut command = Command::new(BINARY);
        verdict(command.args(["records", "5", "--file"]).arg(good.file(lines)))
    };
    let (code, text) = page(&good.lines);
    assert!(code == Some(0) && text.contains("sequence 5, key "), "{text}");
    let (code, text) = page(&changed(&good.lines, 5, "event 5", "event 6"));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("does not fit: this is not the record that was sealed"), "{text}");
    assert!(!text.contains("sequence 5, key "), "{text}");
}
