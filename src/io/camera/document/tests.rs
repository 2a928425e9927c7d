use proptest::prelude::*;

use super::*;

fn leaf(name: &str, text: &str) -> Node {
    Node { name: name.into(), text: text.into(), children: Vec::new() }
}

#[test]
fn namespaces_prefixes_and_declarations_make_no_difference() {
    let texts = [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><E xmlns=\"http://www.isapi.org/ver20/XMLSchema\"><a>1</a></E>",
        "<E version=\"2.0\" xmlns=\"http://www.hikvision.com/ver20/XMLSchema\">\r\n<a> 1 </a>\r\n</E>\r\n",
        "\u{0}\n <h:E xmlns:h=\"x\"><h:a><![CDATA[1]]></h:a></h:E>",
    ];
    for text in texts {
        let node = parse(text).unwrap();
        assert_eq!((node.name.as_str(), node.children), ("E", vec![leaf("a", "1")]));
    }
}

#[test]
fn json_and_xml_give_the_same_tree() {
    let xml = parse("<E><a>1</a><b><c>x</c></b><b><c>true</c></b></E>").unwrap();
    let json = parse(r#"{"E":{"a":1,"b":[{"c":"x"},{"c":true}]}}"#).unwrap();
    assert_eq!(json.children, [xml]);
}

#[test]
fn the_five_entities_and_characters_are_resolved_and_no_others() {
    assert_eq!(parse("<a>&lt;&amp;&#x8d63;&#69;</a>").unwrap().text, "<&赣E");
    assert!(matches!(parse("<a>&boom;</a>"), Err(DocumentError::BrokenXml(_))));
}

#[test]
fn an_entity_bomb_is_refused_at_its_declaration() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"xxxx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
    assert_eq!(parse(bomb), Err(DocumentError::DocumentType));
    let external = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>";
    assert_eq!(parse(external), Err(DocumentError::DocumentType));
}

#[test]
fn depth_bombs_are_refused() {
    let refusals = [
        "<a>".repeat(33),
        "[".repeat(100_000),
        format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40)),
    ]
    .map(|bomb| parse(&bomb));
    assert_eq!(refusals, [0; 3].map(|_| Err(DocumentError::TooDeep)));
}

#[test]
fn too_many_nodes_are_refused() {
    let flat = format!("<a>{}</a>", "<b/>".repeat(MAX_NODES));
    assert_eq!(parse(&flat), Err(DocumentError::TooManyNodes));
    // broken behind the bound: it is not read that far
    for tiny in ["[[],", r#"[{"":0},"#] {
        let flat = format!("[{}!", tiny[1..].repeat(MAX_NODES));
        assert_eq!(parse(&flat), Err(DocumentError::TooManyNodes), "{tiny}");
    }
}

#[test]
fn lists_within_lists_keep_their_names_where_they_have_one() {
    let root = parse(r#"{"a":[[1.5,-2],null,{"b":[]}],"a":"x"}"#).unwrap();
    let nameless = |text: &str| leaf("", text);
    let list = Node { children: vec![nameless("1.5"), nameless("-2")], ..leaf("a", "") };
    assert_eq!(root.children, [list, leaf("a", ""), leaf("a", ""), leaf("a", "x")]);
}

#[test]
fn broken_messages_are_named_with_their_place() {
    assert_eq!(parse("hello"), Err(DocumentError::UnknownForm));
    assert_eq!(parse(""), Err(DocumentError::UnknownForm));
    assert_eq!(parse("{\"a\":\n1,}"), Err(DocumentError::BrokenJson(2, 3)));
    for broken in ["<a><b></a>", "<a>", "<a", "</a>", "<!-- -->"] {
        assert!(matches!(parse(broken), Err(DocumentError::BrokenXml(_))), "{broken}");
    }
}

#[test]
fn a_text_that_is_not_utf_8_is_read_as_declared_or_as_gbk() {
    let gbk = encoding_rs::GBK.encode("<a>赣E12345</a>").0.into_owned();
    assert_eq!(decode(&gbk, None), "<a>赣E12345</a>");
    assert_eq!(decode(&gbk, Some("UTF-8")), "<a>赣E12345</a>");
    assert_eq!(decode(&gbk, Some("GB2312")), "<a>赣E12345</a>");
    let utf_16: Vec<u8> = "\u{feff}<a>赣</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decode(&utf_16, None), "<a>赣</a>");
    assert_eq!(decode("\u{feff}<a>赣</a>".as_bytes(), None), "<a>赣</a>");
}

proptest! {
    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), charset in ".{0,8}") {
        let _ = parse(&decode(&bytes, Some(&charset)));
    }

    #[test]
    fn any_marked_up_text_never_panics(text in "[<>/a-c&;!\\[\\]{}:\",0-9#x -]{0,200}") {
        let _ = parse(&text);
        let _ = parse(&format!("<a>{text}</a>"));
        let _ = parse(&format!("{{\"a\":{text}}}"));
    }
}
