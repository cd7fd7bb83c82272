/**
 * The tables of VNDB's dump of 2026-03-14, one text a table: `columns | key | references | unique`. A column is
 * `name:type`, `?` when it may be NULL; `i2 i4 i8` integers, `b` boolean, `t` text, `d` date, `uuid`, `id(v)` an id with
 * that prefix, `id` an id of any kind, `[]` an array, any other word an enum. A reference is `columns>table.columns`; a
 * unique set ends with `!` where NULL equals NULL. References to columns that VNDB keeps for itself are left out.
 *
 * Facts of VNDB's database layout, restated.
 */
export const notation = {
  anime: "id:i4 ann_id:i4[]? type:anime_type? year:i2? title_romaji:t? title_kanji:t? mal_id:i4[]? | id",
  chars:
    "id:id(c) image:id(ch)? bloodt:blood_type cup_size:cup_size sex:char_sex spoil_sex:char_sex? gender:char_gender? "
    + "spoil_gender:char_gender? main:id(c)? main_spoil:i2 s_bust:i2 s_waist:i2 s_hip:i2 birthday:i2 height:i2 "
    + "weight:i2? age:i2? description:t | id | main>chars.id image>images.id",
  chars_alias: "id:id(c) spoil:i2 name:t latin:t? | id,name | id>chars.id",
  chars_names: "id:id(c) lang:language name:t latin:t? | id,lang | id>chars.id",
  chars_traits: "id:id(c) tid:id(i) spoil:i2 lie:b | id,tid | id>chars.id tid>traits.id",
  chars_vns:
    "id:id(c) vid:id(v) rid:id(r)? role:char_role spoil:i2 |  | id>chars.id vid>vn.id rid>releases.id | id,vid,rid!",
  docs: "id:id(d) title:t content:t | id",
  drm: "id:i4 disc:b cdkey:b activate:b alimit:b account:b online:b cloud:b physical:b name:t description:t | id |  | "
    + "name",
  engines: "id:i4 name:t description:t | id |  | name",
  entry_meta: "id:id created:d lastmod:d revision:i2 num_edits:i2 num_users:i2 | id",
  extlinks: "id:i4 site:extlink_site value:t | id |  | site,value",
  image_votes: "id:id uid:id(u)? date:d sexual:i2 violence:i2 ignore:b |  | id>images.id uid>users.id | uid,id",
  images: "id:id width:i2 height:i2 c_votecount:i2 c_sexual_avg:i2 c_sexual_stddev:i2 c_violence_avg:i2 "
    + "c_violence_stddev:i2 c_weight:i2 | id",
  producers: "id:id(p) type:producer_type lang:language name:t latin:t? alias:t description:t | id",
  producers_extlinks: "id:id(p) link:i4 | id,link | id>producers.id link>extlinks.id",
  producers_relations: "id:id(p) pid:id(p) relation:producer_relation | id,pid | id>producers.id pid>producers.id",
  quotes: "id:id(q) vid:id(v) cid:id(c)? score:i2 quote:t | id | vid>vn.id cid>chars.id",
  releases:
    "id:id(r) gtin:i8 olang:language released:i4 voiced:i2 reso_x:i2 reso_y:i2 minage:i2? ani_story:i2 ani_ero:i2 "
    + "ani_story_sp:i2? ani_story_cg:i2? ani_cutscene:i2? ani_ero_sp:i2? ani_ero_cg:i2? ani_bg:b? ani_face:b? has_ero:b "
    + "patch:b freeware:b uncensored:b? official:b catalog:t notes:t engine:i4? | id | id,olang>releases_titles.id,lang "
    + "engine>engines.id",
  releases_drm: "id:id(r) drm:i4 notes:t | id,drm | id>releases.id drm>drm.id",
  releases_extlinks: "id:id(r) link:i4 | id,link | id>releases.id link>extlinks.id",
  releases_images:
    "id:id(r) img:id(cv) vid:id(v)? itype:release_image_type lang:language[]? | id,img | id>releases.id img>images.id "
    + "id,vid>releases_vn.id,vid",
  releases_media: "id:id(r) medium:medium qty:i2 | id,medium,qty | id>releases.id",
  releases_platforms: "id:id(r) platform:platform | id,platform | id>releases.id",
  releases_producers: "id:id(r) pid:id(p) developer:b publisher:b | id,pid | id>releases.id pid>producers.id",
  releases_supersedes: "id:id(r) rid:id(r) | id,rid | id>releases.id rid>releases.id",
  releases_titles: "id:id(r) lang:language mtl:b title:t? latin:t? | id,lang | id>releases.id",
  releases_vn: "id:id(r) vid:id(v) rtype:release_type | id,vid | id>releases.id vid>vn.id",
  rlists: "uid:id(u) rid:id(r) added:d status:i2 | uid,rid | uid>users.id rid>releases.id",
  staff: "id:id(s) gender:staff_gender lang:language main:i4 description:t prod:id(p)? | id | main>staff_alias.aid "
    + "prod>producers.id",
  staff_alias: "id:id(s) aid:i4 name:t latin:t? | aid | id>staff.id",
  staff_extlinks: "id:id(s) link:i4 | id,link | id>staff.id link>extlinks.id",
  tags: "id:id(g) cat:tag_category defaultspoil:i2 searchable:b applicable:b name:t alias:t description:t | id",
  tags_parents: "id:id(g) parent:id(g) main:b | id,parent | id>tags.id parent>tags.id",
  tags_vn:
    "date:d tag:id(g) vid:id(v) uid:id(u)? vote:i2 spoiler:i2? ignore:b lie:b? notes:t |  | tag>tags.id vid>vn.id "
    + "uid>users.id | tag,vid,uid",
  traits:
    "id:id(i) gid:id(i)? gorder:i2 defaultspoil:i2 sexual:b searchable:b applicable:b name:t alias:t description:t | "
    + "id | gid>traits.id",
  traits_parents: "id:id(i) parent:id(i) main:b | id,parent | id>traits.id parent>traits.id",
  ulist_labels: "uid:id(u) id:i2 label:t | uid,id | uid>users.id | uid,label",
  ulist_vns:
    "uid:id(u) vid:id(v) added:d lastmod:d vote_date:d? started:d? finished:d? vote:i2? notes:t labels:i2[] | uid,vid "
    + "| uid>users.id vid>vn.id",
  users: "id:id(u) ign_votes:b perm_imgvote:b perm_tag:b perm_lengthvote:b username:t? | id",
  vn: "id:id(v) image:id(cv)? c_image:id(cv)? olang:language c_votecount:i4 c_rating:i2? c_average:i2? c_length:i2? "
    + "c_lengthnum:i2 length:i2 devstatus:i2 alias:t description:t | id | image>images.id id,olang>vn_titles.id,lang",
  vn_anime: "id:id(v) aid:i4 | id,aid | id>vn.id aid>anime.id",
  vn_editions: "id:id(v) lang:language? eid:i2 official:b name:t | id,eid | id>vn.id",
  vn_extlinks: "id:id(v) link:i4 | id,link | id>vn.id link>extlinks.id",
  vn_image_votes: "vid:id(v) uid:id(u) img:id(cv) | vid,uid,img | vid>vn.id uid>users.id img>images.id",
  vn_length_votes:
    "vid:id(v) uid:id(u)? date:d length:i2 speed:i2? rid:id[] notes:t lang:language[]? |  | vid>vn.id uid>users.id",
  vn_relations: "id:id(v) vid:id(v) relation:vn_relation official:b | id,vid | id>vn.id vid>vn.id",
  vn_screenshots: "id:id(v) scr:id(sf) rid:id(r)? | id,scr | id>vn.id scr>images.id rid>releases.id",
  vn_seiyuu: "id:id(v) cid:id(c) aid:i4 note:t | id,aid,cid | id>vn.id aid>staff_alias.aid cid>chars.id",
  vn_staff:
    "id:id(v) aid:i4 role:credit_type eid:i2? note:t |  | id>vn.id id,eid>vn_editions.id,eid aid>staff_alias.aid | "
    + "id,eid,aid,role!",
  vn_titles: "id:id(v) lang:language official:b title:t latin:t? | id,lang | id>vn.id",
  wikidata:
    "id:i4 enwiki:t? jawiki:t? website:t[]? vndb:t[]? mobygames:t[]? mobygames_company:t[]? gamefaqs_game:i4[]? "
    + "gamefaqs_company:i4[]? anidb_anime:i4[]? anidb_person:i4[]? ann_anime:i4[]? ann_manga:i4[]? "
    + "musicbrainz_artist:uuid[]? twitter:t[]? vgmdb_product:i4[]? vgmdb_artist:i4[]? discogs_artist:i4[]? "
    + "acdb_char:i4[]? acdb_source:i4[]? indiedb_game:t[]? howlongtobeat:i4[]? crunchyroll:t[]? igdb_game:t[]? "
    + "giantbomb:t[]? pcgamingwiki:t[]? steam:i4[]? gog:t[]? pixiv_user:i4[]? doujinshi_author:i4[]? soundcloud:t[]? "
    + "humblestore:t[]? itchio:t[]? playstation_jp:t[]? playstation_na:t[]? playstation_eu:t[]? lutris:t[]? wine:i4[]? "
    + "mobygames_game:i4[]? | id"
} as const
