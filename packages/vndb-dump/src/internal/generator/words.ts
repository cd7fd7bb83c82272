/** Words for titles and names, in their script and romanised. Written for this purpose; no work or person is meant. */

/** Original and romanisation. */
export type Word = readonly [string, string]

const words = (text: string): ReadonlyArray<Word> =>
  text.trim().split(/\s+/).map((pair) => {
    const [original = "", latin = ""] = pair.split("=")
    return [original, latin.replaceAll("_", " ")]
  })

export const ja = {
  nouns: words(`夏空=Natsuzora 星屑=Hoshikuzu 恋文=Koibumi 桜=Sakura 雪=Yuki 月=Tsuki 海=Umi 風=Kaze 約束=Yakusoku
    記憶=Kioku 魔女=Majo 少女=Shoujo 図書館=Toshokan 放課後=Houkago 手紙=Tegami 翼=Tsubasa 鏡=Kagami 花火=Hanabi
    夜想曲=Yasoukyoku 迷宮=Meikyuu 旋律=Senritsu 楽園=Rakuen 箱庭=Hakoniwa 黄昏=Tasogare 幻想=Gensou 姉妹=Shimai
    灯火=Tomoshibi 蝶=Chou 硝子=Garasu 時計塔=Tokeitou 深海=Shinkai 子守唄=Komoriuta 真夜中=Mayonaka 天使=Tenshi
    庭園=Teien 雨=Ame 線路=Senro 霧=Kiri 猫=Neko 狐=Kitsune 物語=Monogatari 学園=Gakuen 日々=Hibi 歌=Uta`),
  family: words(
    `水瀬=Minase 高梨=Takanashi 白河=Shirakawa 篠宮=Shinomiya 橘=Tachibana 綾瀬=Ayase 藤堂=Toudou 小鳥遊=Takanashi
    朝霧=Asagiri 神崎=Kanzaki 榊=Sakaki 月島=Tsukishima 七瀬=Nanase 桐生=Kiryuu 雨宮=Amamiya 早川=Hayakawa 真壁=Makabe
    宮野=Miyano 葛城=Katsuragi 鳴海=Narumi`
  ),
  given: words(
    `葵=Aoi 千夏=Chinatsu 美月=Mizuki 陽菜=Hina 凛=Rin 詩織=Shiori 琴音=Kotone 真白=Mashiro 紗夜=Saya 涼介=Ryousuke
    悠斗=Yuuto 蓮=Ren 直樹=Naoki 楓=Kaede 椿=Tsubaki 雪乃=Yukino 透=Tooru 一馬=Kazuma 彩花=Ayaka 柚希=Yuzuki`
  ),
  kana: words(`ア=a イ=i ウ=u エ=e オ=o カ=ka キ=ki ク=ku サ=sa シ=shi ス=su タ=ta ト=to ナ=na ニ=ni ノ=no ハ=ha
    フ=fu マ=ma ミ=mi ム=mu メ=me ラ=ra リ=ri ル=ru レ=re ロ=ro ヴァ=va ティ=ti フィ=fi ジュ=ju ン=n`)
}

export const zh = {
  nouns: words(`夏日=Xiari 星海=Xinghai 长夜=Changye 雨巷=Yuxiang 归途=Guitu 旧梦=Jiumeng 青鸟=Qingniao 山城=Shancheng
    花信=Huaxin 月光=Yueguang 江湖=Jianghu 古镇=Guzhen 琴声=Qinsheng 白鹿=Bailu 烟火=Yanhuo 千年=Qiannian
    少年=Shaonian 秘境=Mijing 云端=Yunduan 灯塔=Dengta`),
  family: words("林=Lin 陈=Chen 苏=Su 沈=Shen 顾=Gu 陆=Lu 江=Jiang 叶=Ye 白=Bai 宋=Song"),
  given: words("若雪=Ruoxue 子涵=Zihan 清歌=Qingge 云起=Yunqi 念安=Nian'an 思远=Siyuan 小满=Xiaoman 知秋=Zhiqiu")
}

export const ko = {
  nouns: words(`여름=Yeoreum 바다=Bada 별빛=Byeolbit 편지=Pyeonji 기억=Gieok 겨울=Gyeoul 하늘=Haneul 정원=Jeongwon
    약속=Yaksok 그림자=Geurimja 학교=Hakgyo 노래=Norae 꿈=Kkum 마녀=Manyeo 도시=Dosi 등대=Deungdae`),
  family: words("김=Kim 이=Lee 박=Park 최=Choi 정=Jeong 한=Han 윤=Yoon"),
  given: words("서연=Seoyeon 지우=Jiwoo 하은=Haeun 민준=Minjun 도윤=Doyun 유나=Yuna 은호=Eunho")
}

export const ru = {
  nouns: words(`Лето=Leto Звезда=Zvezda Письмо=Pis'mo Зима=Zima Море=More Тишина=Tishina Дорога=Doroga Память=Pamyat'
    Город=Gorod Маяк=Mayak Сказка=Skazka Рассвет=Rassvet Туман=Tuman Осень=Osen' Сон=Son Лагерь=Lager'`),
  family: words("Соколов=Sokolov Морозов=Morozov Лебедев=Lebedev Волкова=Volkova Орлова=Orlova Зайцева=Zaytseva"),
  given: words("Алиса=Alisa Мария=Mariya Иван=Ivan Лена=Lena Николай=Nikolay Ольга=Ol'ga Пётр=Pyotr")
}

const list = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)

export const en = {
  adjectives: list(`Last Silent Crimson Hidden Endless Forgotten Golden Winter Hollow Distant Gentle Broken Velvet Paper
    Midnight Amber Wandering Second Quiet Electric Lonely Burning Clockwork Sunken Borrowed Starlit Little Seventh`),
  nouns: list(`Lighthouse Garden Letter Summer Waltz Orchard Station Harbour Promise Library Mirror Chapel Tide Lantern
    Kingdom Sparrow Melody Theatre Archive Comet Bakery Observatory Fox Snow Atelier Carousel Manor Voyage Riddle`),
  family: list("Ashford Bellamy Carver Dunmore Ellison Fairfax Grant Holloway Ingram Kessler Lorne Mercer Novak Quill"),
  given: list("Alice Bram Clara Dorian Elise Felix Greta Hugo Iris Jonah Kira Leon Maya Nora Oscar Petra Rowan Sylvie"),
  places: list("Mistvale Kurohama Saint-Aubin Northquay Amagi Larkspur Tsukimori Eastmere Hoshigaoka Velgrad")
}

/** Of company names. */
export const studios = list(
  "Soft Works Factory Project Lab Garden Studio Games Atelier Entertainment Creations Software Digital Company"
)

export const tagAdjectives = list(
  `Recurring Multiple Single Hidden Forced Optional Secret Childhood School Historical Modern
  Fantasy Rural Urban Military Musical Athletic Family Online Supernatural Unreliable Younger Older Rival Former
  Mysterious Cheerful Absent Royal Wandering Interactive Branching Nonlinear Comic Tragic Seasonal Mechanical Dream Animal
  Religious Political Medical Criminal Nautical Desert Winter Summer Night Shared Borrowed Lost Returning False True`
)

export const tagNouns = list(
  `Heroine Protagonist Ending Route Romance Setting Narrator Conflict Mystery Festival Club Teacher
  Student Friend Sibling Rival Detective Witch Robot Ghost Village Island Train Castle Library Hospital Battle Journey
  Memory Promise Wedding Letter Disguise Amnesia Prophecy Betrayal Rescue Contest Performance Meal Holiday Accident Curse
  Bargain Choice Minigame Soundtrack Artwork Interface Flashback Dialogue Epilogue Prologue Timeline Puzzle Twist`
)

export const traitNouns = list(
  `Hair Eyes Ribbon Glasses Uniform Coat Dress Scarf Hat Sword Umbrella Guitar Camera Notebook
  Ponytail Braid Freckles Scar Tail Ears Wings Horns Voice Smile Temper Honesty Courage Shyness Pride Patience Humour Cook
  Painter Singer Pilot Doctor Librarian Knight Princess Shopkeeper Swimmer Archer Reading Cooking Gardening Travel Sleeping`
)
