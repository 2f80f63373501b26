namespace StreamLearn.Simulated;

/// <summary>x is in percent and y in pixels, so text keeps its size on any screen. Labels are in margins that the style sheet makes from
/// <c>--l</c> and <c>--r</c>.</summary>
internal static class Svg
{
    private const int MaxMargin = 148;
    private const int MaxLetters = 20;
    private const double LetterWidth = 6.6;

    /// <summary>Title and description are for screen readers.</summary>
    internal static Fragment Plot(string id, string title, string description, PlotSize size, Fragment body) => Fragment.Of(
        $"""
        <svg class="plot" role="img" aria-labelledby="{id}-title {id}-desc" height="{size.Height}"
          style="--l:{size.Left}px;--r:{size.Right}px">
        <title id="{id}-title">{title}</title><desc id="{id}-desc">{description}</desc>
        {body}
        </svg>

        """);

    /// <summary>A part with its own units, stretched to the plot.</summary>
    internal static Fragment Stretched(double y, double height, double units, double unitsHigh, Fragment body) => Fragment.Of(
        $"""
        <svg y="{y:0.##}" width="100%" height="{height:0.##}" viewBox="0 0 {units:0.###} {unitsHigh:0.###}"
          preserveAspectRatio="none" overflow="visible">{body}</svg>
        """);

    /// <summary>Fits all names, within bounds.</summary>
    internal static int MarginOf(IEnumerable<string> names) =>
        Math.Min(MaxMargin, 16 + (int)(LetterWidth * names.Select(n => Math.Min(n.Length, MaxLetters)).DefaultIfEmpty().Max()));

    internal static Fragment Name(string name, double y) => Fragment.Of(
        $"""<text x="-8" y="{y + 4:0.#}" text-anchor="end">{Figures.Short(name, MaxLetters)}</text>""");

    internal static Fragment XAxis(Axis axis, double bottom, string unit) => Fragment.Of(
        $"""
        <line class="axis" x1="0" x2="100%" y1="{bottom:0.#}" y2="{bottom:0.#}"/>
        {axis.Ticks.Select(t => Tick(axis.Share(t) * 100, bottom, axis.Label(t)))}
        <text class="unit" x="100%" y="{bottom + 34:0.#}" text-anchor="end">{unit}</text>
        """);

    internal static Fragment YAxis(Axis axis, Func<double, double> y, Func<double, string> label) => Fragment.Of(
        $"""{axis.Ticks.Select(t => GridLine(y(t), label(t)))}""");

    private static Fragment Tick(double percent, double bottom, string label) => Fragment.Of(
        $"""
        <line class="axis" x1="{percent:0.##}%" x2="{percent:0.##}%" y1="{bottom:0.#}" y2="{bottom + 4:0.#}"/>
        <text x="{percent:0.##}%" y="{bottom + 18:0.#}" text-anchor="middle">{label}</text>

        """);

    private static Fragment GridLine(double y, string label) => Fragment.Of(
        $"""
        <line class="grid" x1="0" x2="100%" y1="{y:0.#}" y2="{y:0.#}"/>
        <text x="-8" y="{y + 4:0.#}" text-anchor="end">{label}</text>

        """);
}

internal readonly record struct PlotSize(int Height, int Left, int Right);
