//! A picture of which the broker has a part when the site ends goes on from there.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use sha2::{Digest as _, Sha256};
use uplink_support::proxy::Proxy;
use uplink_support::*;
use wimd::clock::Timestamp;
use wimd::io::store::OutboxKey;
use wimd::sim::broker::Broker;

on_both_brokers! {
    a_picture_goes_on_where_it_was_after_a_crash_of_the_site,
    a_place_in_another_picture_is_not_believed,
    another_platform_gets_the_whole_picture,
    a_picture_that_is_asked_for_again_is_whole_after_a_restart,
}

/// A site that ended when more than half of a picture was at the broker.
struct HalfSent {
    rig: Rig,
    jpeg: Vec<u8>,
    /// Of the picture's record.
    id: String,
    proxy: Proxy,
}

/// A picture of 300 kB over a line that takes five seconds for it.
async fn half_sent(broker: &AnyBroker) -> HalfSent {
    let proxy = Proxy::narrow(&broker.url(), 512_000).await;
    let mut rig = Rig::new(&proxy.url);
    let jpeg: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let picture = rig.picture("scene.jpg", &jpeg);
    let id = rig.seal(vec![sighting(vec![picture])]).await.remove(0);
    rig.start();
    // the record, the state and more than half of the picture
    rig.until("half sent", |_| proxy.carried() > 180_000).await;
    rig.crash().await;
    HalfSent { rig, jpeg, id, proxy }
}

async fn a_picture_goes_on_where_it_was_after_a_crash_of_the_site(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let HalfSent { mut rig, jpeg, id, proxy } = half_sent(&broker).await;
    let before = proxy.carried();
    rig.start();
    let heard = hear(&mut platform, &format!("evidence/{id}/scene.jpg")).await;
    assert_eq!(heard.payload, jpeg);
    rig.until_drained().await;
    let after = proxy.carried() - before;
    assert!(after < 200_000, "{after} bytes after the crash, {before} before it");
}

/// The store is another one, and what was noted of the old one is still there.
async fn a_place_in_another_picture_is_not_believed(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let jpeg = vec![7; 300_000];
    let picture = rig.picture("scene.jpg", &jpeg);
    let ids = rig.seal(vec![sighting(vec![picture])]).await;
    let waiting = rig.store.outbox_next(None, 10).unwrap();
    let OutboxKey { seq, item, .. } = waiting.last().unwrap().key;
    let whose = &hex::encode(Sha256::digest(format!("{} {SITE}", broker.url())))[..16];
    let place = format!(
        r#"{{"seq":{seq},"item":{item},"sha256":"00","arrived":100000,"platform":"{whose}"}}"#
    );
    let check = &hex::encode(Sha256::digest(&place))[..16];
    std::fs::write(rig.store.dir().join("half-sent"), format!("{check} {place}\n")).unwrap();
    rig.start();
    let heard = hear(&mut platform, &format!("evidence/{}/scene.jpg", ids[0])).await;
    assert_eq!(heard.payload, jpeg);
}

/// The first platform has the beginning, the second has nothing of it.
async fn another_platform_gets_the_whole_picture(broker: AnyBroker) {
    let first = uplink_support::platform(&broker.url()).await;
    let HalfSent { mut rig, jpeg, id, .. } = half_sent(&broker).await;
    drop(first);
    let other = Broker::start().unwrap();
    let mut platform = uplink_support::platform(&other.url).await;
    rig.config.broker = other.url.clone();
    rig.start();
    let heard = hear(&mut platform, &format!("evidence/{id}/scene.jpg")).await;
    assert_eq!(heard.payload, jpeg);
}

/// It had come whole, and nothing of the repetition has.
async fn a_picture_that_is_asked_for_again_is_whole_after_a_restart(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let jpeg = vec![7; 300_000];
    let picture = rig.picture("scene.jpg", &jpeg);
    let id = rig.seal(vec![sighting(vec![picture])]).await.remove(0);
    rig.start();
    let topic = format!("evidence/{id}/scene.jpg");
    hear(&mut platform, &topic).await;
    rig.until_drained().await;
    rig.crash().await;
    let entries = rig.store.entries_again(1).unwrap().unwrap();
    let asked = origin().alarm("asked", Timestamp(5), "asked", "again".into());
    rig.store.outbox_again(entries, asked).await.unwrap();
    rig.start();
    let again = hear(&mut platform, &topic).await;
    assert!(again.payload == jpeg, "{} bytes", again.payload.len());
    rig.until_drained().await;
}
