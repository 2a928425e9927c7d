//! A slow line with controllers that do not answer.

use super::*;

/// How many questions the line asks of controllers of which none answers, until that second.
fn questions(baud: u32, addresses: &[u8], until_s: u64) -> u32 {
    let mut config = ScaleConfig::new("scale-1", "/dev/virtual");
    (config.baud, config.addresses) = (baud, addresses.to_vec());
    let mut line = Line::new(&config, 1, &HashMap::new());
    let at = |real| Moment { real, steady: Timestamp(0) };
    line.opened(at(Duration::ZERO));
    let mut asked = 0;
    while line.wake_at() < Duration::from_secs(until_s) {
        while line.next_action().is_some() {
            asked += 1;
        }
        let now = line.wake_at();
        line.tick(at(now));
    }
    asked
}

/// At 9 600 bit/s a question without answer takes 0.8 s and more.
#[test]
fn however_slow_the_line_the_silent_ones_leave_most_of_it_to_the_others() {
    for addresses in [&[1, 7][..], &[1, 7, 9, 11]] {
        let cost_us = 2 * (timing::answer_timeout_us(9_600) + 100_000);
        let most = 540_000_000 / cost_us / 8 + addresses.len() as u64;
        let asked = questions(9_600, addresses, 600) - questions(9_600, addresses, 60);
        assert!(u64::from(asked) <= most && asked > 0, "{asked} of {most}");
    }
    assert!(questions(9_600, &[1], 60) > 30, "who is alone is asked often");
}
