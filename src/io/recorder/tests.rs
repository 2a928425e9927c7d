use super::*;

/// A file system so small that a test fills it is not to be had everywhere; this device is as full.
fn full() -> BufWriter<File> {
    BufWriter::new(File::options().write(true).open("/dev/full").expect("of the kernel"))
}

#[test]
fn a_file_that_was_taken_away_is_begun_anew_and_the_gap_is_told() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let recording = Recording::new(dir.path().into(), 60, 1).expect("switched on");
    let mut recorder = recording.recorder("a");
    for number in 0..3 {
        recorder.line(format_args!("line {number:04}"));
    }
    fs::remove_file(dir.path().join("a.log")).expect("it was there");
    for number in 3..5 {
        recorder.line(format_args!("line {number:04}"));
    }
    assert_eq!(recording.counts(), RecordingCounts { lines: 5, bytes: 50, failed: 0 });
    drop(recorder);
    let text = read(dir.path(), "a").expect("readable").expect("there");
    assert_eq!(text, "[lines are missing]\nline 0003\nline 0004\n");
}

#[test]
fn after_a_line_that_could_not_be_written_whole_comes_a_line_of_its_own() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let file = dir.path().join("a.log");
    // the disk was full inside a letter
    fs::write(&file, b"line 0000\nline \xE8\xB5").expect("writable");
    let recording = Recording::new(dir.path().into(), 10_000, 1).expect("switched on");
    let mut recorder = recording.recorder("a");
    recorder.line(format_args!("line 0002"));
    recorder.line(format_args!("line 0003"));
    recording.flush();
    *held(&recorder.file) = Some(full());
    // longer than what stays in memory
    recorder.line(format_args!("{:9000}", 4));
    recorder.line(format_args!("line 0005"));
    assert_eq!(recording.counts().failed, 1);
    drop(recorder);
    let text = read(dir.path(), "a").expect("readable").expect("there");
    let lines: Vec<_> = text.lines().map(|line| (line, is_gap(line))).collect();
    let expected = [
        ("line 0000", false),
        ("line \u{fffd}[lines are missing]", true),
        ("line 0002", false),
        ("line 0003", false),
        ("[lines are missing]", true),
        ("line 0005", false),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn two_files_by_turns_never_hold_more_than_the_bound_and_the_newest_lines_stay() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let recording = Recording::new(dir.path().into(), 200, 1).expect("switched on");
    let mut recorder = recording.recorder("a");
    for number in 0..100 {
        recorder.line(format_args!("line {number:04}"));
    }
    drop(recorder);
    let text = read(dir.path(), "a").expect("readable").expect("there");
    let lines: Vec<&str> = text.lines().collect();
    assert!(text.len() <= 220, "{}", text.len());
    assert_eq!(lines.last(), Some(&"line 0099"));
    let first = 100 - lines.len();
    assert_eq!(lines[0], format!("line {first:04}"), "no line is missing in between");
    assert_eq!(recording.counts(), RecordingCounts { lines: 100, bytes: 1_000, failed: 0 });
}

#[test]
fn a_flush_gives_the_files_their_last_lines_although_no_other_comes() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let recording = Recording::new(dir.path().into(), 10_000, 2).expect("switched on");
    let mut recorders = ["a", "b"].map(|name| recording.recorder(name));
    for recorder in &mut recorders {
        recorder.line(format_args!("the last one"));
    }
    recording.flush();
    for name in ["a", "b"] {
        let text = read(dir.path(), name).expect("readable");
        assert_eq!(text.as_deref(), Some("the last one\n"), "{name}");
    }
    assert_eq!(recording.counts().failed, 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_counted_and_nothing_else() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let recording = Recording::new(file.path().join("x"), 100, 1).expect("switched on");
    recording.recorder("a").line(format_args!("lost"));
    assert_eq!(recording.counts().failed, 1);
}
