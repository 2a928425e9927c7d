//! Who is connected: places for connections, so that no address and no crowd of strangers can lock
//! the cameras out.
//!
//! One address gets half of the places at most, and a quarter before a camera has been known by
//! its token or registration from there. All such strangers together get three quarters.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

/// Addresses that are remembered as cameras'. Our choice: four times the default places. Only who
/// has a camera's token can fill it.
const KNOWN: usize = 256;

/// Connections by address.
#[derive(Debug, Default)]
pub(super) struct Peers {
    connected: HashMap<IpAddr, u32>,
    known: HashSet<IpAddr>,
}

impl Peers {
    /// Gives a connection of this address one of `most` places, if there is one for it.
    pub(super) fn enter(&mut self, address: IpAddr, most: u32) -> bool {
        let own = self.connected.get(&address).copied().unwrap_or(0);
        let all: u32 = self.connected.values().sum();
        let room = if self.known.contains(&address) {
            own < most.div_ceil(2)
        } else {
            let strangers = self.connected.iter().filter(|(peer, _)| !self.known.contains(*peer));
            let strangers: u32 = strangers.map(|(_, count)| *count).sum();
            own < most.div_ceil(4) && strangers < (most - most / 4).max(1)
        };
        let enters = all < most && room;
        if enters {
            self.connected.insert(address, own + 1);
        }
        enters
    }

    /// A connection of this address has ended.
    pub(super) fn leave(&mut self, address: IpAddr) {
        if let Some(count) = self.connected.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.connected.remove(&address);
            }
        }
    }

    /// A camera has been known there.
    pub(super) fn know(&mut self, address: IpAddr) {
        if self.known.len() < KNOWN {
            self.known.insert(address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    /// How many of 100 connections of an address get a place.
    fn crowd(peers: &mut Peers, from: u8, most: u32) -> usize {
        (0..100).filter(|_| peers.enter(address(from), most)).count()
    }

    #[test]
    fn strangers_leave_places_for_those_that_are_known() {
        let mut peers = Peers::default();
        peers.know(address(1));
        peers.know(address(2));
        let places = [3, 4, 5, 6, 1, 2].map(|from| crowd(&mut peers, from, 64));
        assert_eq!(places, [16, 16, 16, 0, 16, 0]);
    }

    #[test]
    fn a_known_address_gets_half_and_a_place_that_is_left_is_free() {
        let mut peers = Peers::default();
        peers.know(address(1));
        assert_eq!([crowd(&mut peers, 1, 64), crowd(&mut peers, 2, 64)], [32, 16]);
        peers.leave(address(1));
        assert_eq!([crowd(&mut peers, 1, 64), crowd(&mut peers, 2, 64)], [1, 0]);
        for _ in 0..32 {
            peers.leave(address(1));
        }
        peers.leave(address(1));
        assert!(!peers.connected.contains_key(&address(1)));
    }

    #[test]
    fn a_single_place_is_for_everybody() {
        let mut peers = Peers::default();
        assert_eq!([crowd(&mut peers, 1, 1), crowd(&mut peers, 2, 1)], [1, 0]);
    }

    #[test]
    fn the_memory_of_addresses_is_bounded() {
        let mut peers = Peers::default();
        for number in 0..KNOWN as u32 + 10 {
            peers.know(IpAddr::from(number.to_be_bytes()));
        }
        assert_eq!(peers.known.len(), KNOWN);
    }
}
