using System.Globalization;
using System.Text;

namespace Quickstart;

/// <summary>Accuracy over time as a picture.</summary>
internal static class AccuracyPlot
{
    private const int Width = 720;
    private const int Height = 320;
    private const int Margin = 48;

    internal static string Svg(RunningFleet fleet)
    {
        var judgments = fleet.Watch.Judgments.ToList();
        var start = judgments[0].Time;
        var span = Math.Max((judgments[^1].Time - start).TotalSeconds, 1e-3);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<style>text{fill:#555}line{stroke:#9995}@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{Margin}\" y=\"20\">Accuracy on unseen people over {(fleet.IsVirtual ? "virtual" : "real")} time</text>\n");
        for (var tick = 0; tick <= 5; tick++)
        {
            var (y, x) = (YOf(tick / 5.0), XOf(tick / 5.0));
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{Margin}\" x2=\"{Width - Margin}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>"
                    + $"<text x=\"8\" y=\"{y + 4:0.#}\">{tick / 5.0:0.0}</text>\n");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{x:0.#}\" y=\"{Height - 16}\" text-anchor=\"middle\">"
                    + $"{(span * tick / 5).ToString(span >= 10 ? "0" : "0.##", CultureInfo.InvariantCulture)} s</text>\n");
        }

        var points = judgments.Select(j => string.Create(CultureInfo.InvariantCulture,
            $"{XOf((j.Time - start).TotalSeconds / span):0.#},{YOf(j.Evaluation.Accuracy):0.#}"));
        svg.Append(CultureInfo.InvariantCulture,
            $"<polyline fill=\"none\" stroke=\"#0072b2\" stroke-width=\"2\" points=\"{string.Join(' ', points)}\"/>\n</svg>\n");
        return svg.ToString();
    }

    private static double XOf(double share) => Margin + (share * (Width - (2 * Margin)));

    private static double YOf(double accuracy) => Height - Margin - (accuracy * (Height - (2 * Margin)));
}
