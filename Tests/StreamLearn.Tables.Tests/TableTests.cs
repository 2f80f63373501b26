using System.Globalization;
using StreamLearn.Models;

namespace StreamLearn.Tables.Tests;

/// <summary>Look and answer, as a program calls them.</summary>
public sealed class TableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tables").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_look_says_what_the_columns_are()
    {
        var look = Table.Look(Rows("pump-1", "pump-2"));

        Assert.Equal(["vibration", "pressure"], look.Channels.Select(static c => c.Name));
        Assert.Equal(("state", "time", "pump", 10.0), (look.Label, look.Time, look.Device, look.RowsPerSecond));
        Assert.Equal(["good", "worn"], look.Classes);
        Assert.Equal(["pump-1", "pump-2"], look.Devices);
        Assert.Empty(look.Missing);
        Assert.Contains(look.Reasons, static r => r.Contains("'state'", StringComparison.Ordinal));
        Assert.Contains("--label state", look.ToString(), StringComparison.Ordinal);
        Assert.Equal(["pressure"], Table.Look(Rows("a"), new() { Channels = ["pressure"] }).Channels.Select(static c => c.Name));
    }

    [Fact]
    public void A_model_answers_each_device_by_itself_at_its_times()
    {
        var model = Table.Load(Saved());
        var answers = model.Answer(Rows("pump-1", "pump-2"));

        Assert.Equal((8, 10.0), (model.WindowRows, model.RowsPerSecond));
        Assert.Equal(["good", "worn"], model.Classes);
        Assert.Equal([("pump-1", 9), ("pump-2", 9)], answers.CountBy(static a => a.Device!).Select(static c => (c.Key, c.Value)));
        Assert.All(answers, static a => Assert.True(a is { Value: null, Confidence: >= 0.5 and <= 1 } && a.Class is "good" or "worn"));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddSeconds(0.7), answers[0].Time);
        Assert.Equal(model.Answer(Rows("pump-2")).Select(static a => a.Class),
            answers.Where(static a => a.Device == "pump-2").Select(static a => a.Class));
    }

    [Fact]
    public void What_cannot_be_used_is_refused_by_name()
    {
        var missing = Assert.Throws<ProgramException>(() => Table.Look(Path.Join(_folder, "none.csv")));
        Assert.Contains("--csv", missing.Message, StringComparison.Ordinal);
        var other = Path.Join(_folder, "other.csv");
        File.WriteAllText(other, "time,heat\n0.0,1\n0.1,2\n0.2,3\n0.3,4\n");
        var refused = Assert.Throws<ProgramException>(() => Table.Load(Saved()).Answer(other));
        Assert.Contains("expected a column vibration", refused.Message, StringComparison.Ordinal);
        File.WriteAllText(other, "no model");
        Assert.Throws<ProgramException>(() => Table.Load(other));
    }

    [Fact]
    public void The_example_of_the_page_prints_an_answer_a_line()
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        TableGuideExamples.Answer(Rows("pump-1"), Saved(), output);
        Assert.Contains("22:13:20 ", output.ToString(), StringComparison.Ordinal);
    }

    private string Rows(params string[] pumps)
    {
        var path = Path.Join(_folder, "rows.csv");
        using var file = File.CreateText(path);
        file.WriteLine("time,pump,vibration,pressure,state");
        foreach (var pump in pumps)
        {
            for (var row = 0; row < 40; row++)
            {
                file.WriteLine(FormattableString.Invariant(
                    $"{1_700_000_000 + (row / 10.0):0.0},{pump},{Math.Sin(row) * pump.Length:0.000},{3 + (row % 7 * 0.1):0.0},")
                    + (row < 20 ? "good" : "worn"));
            }
        }

        return path;
    }

    private string Saved()
    {
        Preparation preparation = new([Field.Channel("vibration", Unit.One), Field.Channel("pressure", Unit.One)], 8, 4)
        {
            Kind = ModelKind.Conv,
            RowsPerSecond = 10,
        };
        var network = WindowModel.Create(preparation, 2, seed: 3);
        var path = Path.Join(_folder, "model.safetensors");
        ModelFile.Save(path, network, network.Initial, preparation.On(new() { Labels = ["good", "worn"] }));
        return path;
    }
}
