namespace Sensor.Tests;

public sealed partial class PrecisionTrialTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [GeneratedRegex(@"^  (float32|int8) +(mean error )?([0-9.]+)( % right| h)?, [0-9.E+]+ µs a window, ([0-9,]+) bytes$")]
    private static partial Regex Measured { get; }

    [Fact]
    public async Task Both_forms_of_a_model_that_learned_from_other_devices_are_measured()
    {
        for (var device = 0; device < 4; device++)
        {
            WrittenRows.Plain(_folder.File($"pump-{device}.csv"), 6000);
        }

        var (exitCode, text, error) = await Programs.RunAsync(Programs.Sensor, "config", "init", "--csv", _folder.File("pump-*.csv"));
        await File.WriteAllTextAsync(_folder.File("s.yaml"), text, TestContext.Current.CancellationToken);
        var check = await Programs.RunAsync(Programs.Sensor, "check", "-c", _folder.File("s.yaml"));

        Assert.Equal((0, 0), (exitCode, check.ExitCode));
        Assert.Contains("measuring the model in float32 and int8", error, StringComparison.Ordinal);
        var lines = text.Split('\n').Where(static l => l.StartsWith("# ", StringComparison.Ordinal)).Select(static l => l[2..]).ToList();
        var said = Assert.Single(lines, static l => l.StartsWith("precision of ", StringComparison.Ordinal));
        Assert.Contains(" after learning from ", said, StringComparison.Ordinal);
        var (whole, small) = (Of(lines, 0), Of(lines, 1));
        Assert.Equal(("float32", "int8"), (whole.Form, small.Form));
        Assert.True(whole.Score > 90 && small.Score > 90, $"{whole.Score} % and {small.Score} % right");
        Assert.InRange(small.Bytes, whole.Bytes / 4.0, whole.Bytes / 1.5);
    }

    [Fact]
    public async Task Of_a_value_the_error_is_measured_and_of_few_rows_nothing()
    {
        var (rows, few) = (_folder.File("rows.csv"), _folder.File("few.csv"));
        await File.WriteAllLinesAsync(rows, ["time_ms,x,life [h]", .. Enumerable.Range(0, 20_000).Select(static r =>
            FormattableString.Invariant($"{20 * r},{Math.Sin(r * 0.7) * (1 + (r % 4000 / 1000.0)):0.000},{100 - (r % 4000 / 40.0):0.00}"))],
            TestContext.Current.CancellationToken);
        WrittenRows.Plain(few, 600);

        var lines = PrecisionTrial.Lines(CsvInit.Text(new() { Csv = rows, Target = "life" }), TimeProvider.System).ToList();
        var none = PrecisionTrial.Lines(CsvInit.Text(new() { Csv = few }), TimeProvider.System);

        var (whole, small) = (Of(lines, 0), Of(lines, 1));
        Assert.True(whole.Score < 15 && Math.Abs(small.Score - whole.Score) < 2, string.Join('\n', lines));
        Assert.Equal("precision: too few windows to compare int8 with float32", Assert.Single(none));
    }

    private static (string Form, double Score, double Bytes) Of(IEnumerable<string> lines, int place)
    {
        var found = lines.Select(static l => Measured.Match(l)).Where(static m => m.Success).ElementAt(place);
        return (found.Groups[1].Value, double.Parse(found.Groups[3].Value, CultureInfo.InvariantCulture),
            double.Parse(found.Groups[5].Value.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture));
    }
}
