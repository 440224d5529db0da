"""Colours of charts, told apart with any kind of colour vision (Okabe and Ito 2008, "Color Universal Design")."""

BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, YELLOW = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#F0E442",
)
INK, MUTED = "#222222", "#666666"
