/** The values of the enums in VNDB's dump of 2026-03-14, in VNDB's order; `''` stands for "unknown" where it occurs. */
export const enums = {
  anime_type: list("tv ova mov oth web spe mv"),
  blood_type: list("unknown a b ab o"),
  char_gender: list("'' m f o a"),
  char_role: list("main primary side appears"),
  char_sex: list("'' m f b n"),
  credit_type: list("scenario chardesign art music songs director translator editor qa staff"),
  cup_size: list("'' AAA AA A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"),
  extlink_site: list(
    "afdian anidb animateg anison appstore bgmtv bilibili boosty booth booth_pub bsky cien denpa deviantar "
      + "digiket discogs dlsite dlsiteen dmm egs egs_creator encubed erotrail facebook fakku fanbox fantia freegame "
      + "freem gamefaqs_comp gamejolt getchu getchudl gog googplay gyutto imdb instagram itch itch_dev jastusa jlist "
      + "johren kagura kofi mbrainz melon melonjp mg mobygames mobygames_comp nijie nintendo nintendo_hk nintendo_jp "
      + "novelgam nutaku patreon patreonp pixiv playasia playstation_eu playstation_hk playstation_jp playstation_na "
      + "renai scloud steam steam_curator substar toranoana tumblr twitter vgmdb vgmdb_org vk vndb website weibo "
      + "wikidata wp youtube"
  ),
  language: list(
    "ar be bg bs ca cs ck da de el en eo es et eu fa fi fr ga gl gd he hi hr hu id it iu ja kk ko mk ms ne la lt "
      + "lv nl no pl pt-pt pt-br ro ru sk sl sr sv ta th tr uk ur vi zh zh-Hans zh-Hant"
  ),
  medium: list("cd dvd gdr blr flp cas mrt mem umd nod in dc otc"),
  platform: list(
    "win dos lin mac ios and dvd bdp fm7 fm8 fmt gba gbc msx nds nes p88 p98 pce pcf psp ps1 ps2 ps3 ps4 ps5 psv "
      + "drc smd scd sat sfc swi sw2 wii wiu n3d vnd x1s x68 xb1 xb3 xbo xxs web tdo mob oth"
  ),
  producer_relation: list("old new sub par imp ipa spa ori"),
  producer_type: list("co in ng"),
  release_image_type: list("pkgfront pkgback pkgcontent pkgside pkgmed dig"),
  release_type: list("complete partial trial"),
  staff_gender: list("'' m f"),
  tag_category: list("cont ero tech"),
  vn_relation: list("seq preq set alt char side par ser fan orig")
}

/** Function declaration: it is used above. */
function list(words: string): ReadonlyArray<string> {
  return words.split(" ").map((word) => word === "''" ? "" : word)
}
