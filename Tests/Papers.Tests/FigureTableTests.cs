using System.Text.Json;

namespace Partition.Tests;

public sealed class FigureTableTests
{
    private static readonly Figure[] Figures =
    [
        new("ARES", "time", "-48 %", "-51 %", -.5147, "+0.0 %;-0.0 %", "a byte a value"),
        new("FedAdapt", "speed, long", "2.35x", "", 1.713, "0.00x", "unknown"),
    ];

    [Fact]
    public void Each_system_has_a_table() => Assert.Equal(
        [
            "",
            "ARES          published     specified       ours  why they differ",
            "time              -48 %         -51 %    -51.5 %  a byte a value",
            "",
            "FedAdapt      published     specified       ours  why they differ",
            "speed, long       2.35x             -      1.71x  unknown",
        ],
        FigureTable.Lines(Figures));

    [Fact]
    public void The_same_figures_are_json()
    {
        using var json = JsonDocument.Parse(FigureTable.Json(Figures));

        Assert.Equal(2, json.RootElement.GetArrayLength());
        Assert.Equal((-.5147, "-51.5 %"), (
            json.RootElement[0].GetProperty("ours").GetDouble(), json.RootElement[0].GetProperty("oursText").GetString()));
    }

    [Fact]
    public void Figures_of_FedFly_and_ARES_are_those_of_the_specification_within_a_point()
    {
        Figure[] figures = [.. FedFlyFigures.Of(new()), .. AresFigures.Of(new())];

        Assert.All(figures.Where(static f => f.Calibrated.EndsWith('%')), static f => Assert.Equal(
            double.Parse(f.Calibrated[..^2], System.Globalization.CultureInfo.InvariantCulture), 100 * f.Ours, 1.0));
    }
}
