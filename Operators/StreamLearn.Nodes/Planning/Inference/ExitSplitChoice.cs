using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>A chosen cut with exit rule and expected figures. A value.</summary>
internal sealed record ExitSplitChoice(string Device, int Cut, int Point, ExitRule Rule)
{
    public required double Accuracy { get; init; }

    /// <summary>Mean seconds from row to answer; infinite if rows need a dead link.</summary>
    public required double Seconds { get; init; }

    public required double Joules { get; init; }

    public required double ServerSeconds { get; init; }

    public required double SentShare { get; init; }

    public double this[ExitFigure figure] => figure switch
    {
        ExitFigure.Accuracy => Accuracy,
        ExitFigure.Seconds => Seconds,
        ExitFigure.Joules => Joules,
        ExitFigure.ServerSeconds => ServerSeconds,
        ExitFigure.SentShare => SentShare,
        _ => throw new ArgumentOutOfRangeException(nameof(figure), figure, $"expected a figure, got {figure}"),
    };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Device}: {Cut} layers, choice {Point}, accuracy {Accuracy:P1}, {1e3 * Seconds:0.###} ms, {1e3 * Joules:0.###} mJ, ")
        + string.Create(CultureInfo.InvariantCulture, $"{SentShare:P1} sent");
}
