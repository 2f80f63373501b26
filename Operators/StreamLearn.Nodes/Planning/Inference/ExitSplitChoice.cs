using System.Globalization;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Where a network with exits is cut, when rows leave it early, and what a row is expected to cost. A value.</summary>
/// <param name="Device">The name of the device.</param>
/// <param name="Cut">Layers on the device: 0 none, the model's number of layers all. Exits after it are the server's.</param>
/// <param name="Point">The choice of thresholds: its place on the curve, as in <see cref="ExitPlan.Chosen"/>.</param>
/// <param name="Rule">Its thresholds.</param>
public sealed record ExitSplitChoice(string Device, int Cut, int Point, ExitRule Rule)
{
    /// <summary>Share of rows that are answered right, as the curve says.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Mean seconds from a row to its answer; infinite if rows are sent over a link that carries nothing.</summary>
    public required double Seconds { get; init; }

    /// <summary>Mean joules of the device for a row.</summary>
    public required double Joules { get; init; }

    /// <summary>Mean seconds that the server computes for a row.</summary>
    public required double ServerSeconds { get; init; }

    /// <summary>Share of rows that go to the server.</summary>
    public required double SentShare { get; init; }

    /// <summary>One of the figures.</summary>
    /// <param name="figure">Which.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such figure.</exception>
    public double this[ExitFigure figure] => figure switch
    {
        ExitFigure.Accuracy => Accuracy,
        ExitFigure.Seconds => Seconds,
        ExitFigure.Joules => Joules,
        ExitFigure.ServerSeconds => ServerSeconds,
        ExitFigure.SentShare => SentShare,
        _ => throw new ArgumentOutOfRangeException(nameof(figure), figure, $"expected a figure, got {figure}"),
    };

    /// <summary>The cut, the choice of thresholds and the figures.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Device}: {Cut} layers, choice {Point}, accuracy {Accuracy:P1}, {1e3 * Seconds:0.###} ms, {1e3 * Joules:0.###} mJ, ")
        + string.Create(CultureInfo.InvariantCulture, $"{SentShare:P1} sent");
}
