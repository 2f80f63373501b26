namespace Sensor.Tests;

public sealed class CsvInitTests
{
    [Theory]
    [InlineData("time,temperature [Cel],vibration [m/s2],state", true)]
    [InlineData("temperature [Cel],vibration [m/s2],state", false)]
    public async Task A_file_of_a_sensor_that_only_watches_runs_as_it_is_written(string head, bool hasTime)
    {
        using var folder = new TemporaryFolder();
        foreach (var pump in new[] { "pump-1", "pump-2" })
        {
            await File.WriteAllLinesAsync(folder.File($"{pump}.csv"), [head, .. Enumerable.Range(0, 400).Select(r =>
                (hasTime ? FormattableString.Invariant($"2026-03-01T00:{r / 60:00}:{r % 60:00}Z,") : "")
                    + FormattableString.Invariant($"{60 + (r % 11 / 10.0)},{2 + (r % 7 / 10.0)},{(r < 100 ? "on" : "off")}"))],
                TestContext.Current.CancellationToken);
        }

        var (exitCode, text, error) = await Programs.RunAsync(
            Programs.Sensor, "config", "init", "--csv", folder.File("pump-*.csv"), "--watch");
        Assert.True(exitCode == 0, error);
        await File.WriteAllTextAsync(folder.File("watch.yaml"), text, TestContext.Current.CancellationToken);
        var run = await Programs.RunAsync(
            Programs.Sensor, "run", "-c", folder.File("watch.yaml"), "--set", $"state={folder.File("state")}");

        Assert.True(run.ExitCode == 0, $"{text}\n{run.Output}{run.Error}");
        Assert.Contains("learn_rows: 200 ", text, StringComparison.Ordinal);
        Assert.Contains("devices=2 ended=2 rows=800 ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_that_say_where_a_fault_is_are_not_watched_and_another_encoding_is_said()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder.File("rows.csv"), ["time_s,temp [\u00b0C],anomaly,changepoint,valve",
            .. Enumerable.Range(0, 3000).Select(static r => $"{r},{20 + (r % 7)},{(r == 50 ? 1 : 0)}.0,0.0,{r % 2}")],
            Encoding.Latin1, TestContext.Current.CancellationToken);

        var options = new TableOptions { Csv = folder.File("rows.csv"), Form = new() { Encoding = Encoding.Latin1 } };
        var text = CsvInit.Text(options, watches: true);
        var asked = CsvInit.Text(options with { Channels = ["anomaly"] }, watches: true);

        Assert.Contains("not in UTF-8: --encoding latin1", Assert.Throws<FormatException>(() =>
            CsvInit.Text(options with { Form = new() }, watches: true)).Message, StringComparison.Ordinal);
        Assert.Contains("# left out  'anomaly': looks like a label: --label anomaly", text, StringComparison.Ordinal);
        Assert.DoesNotContain("  anomaly: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("  changepoint: ", text, StringComparison.Ordinal);
        Assert.Contains("  valve: ", text, StringComparison.Ordinal);
        Assert.Contains("learn_rows: 1500 ", text, StringComparison.Ordinal);
        Assert.Contains("  anomaly: ", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_stays_the_same_for_days_in_the_files_may_do_so_where_it_is_watched()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder.File("rows.csv"), ["time_s,load,level", .. Enumerable.Range(0, 2000).Select(static r =>
            FormattableString.Invariant($"{300 * r},{r % 7},{(r < 1100 ? 1.5 : 2.5)}"))], TestContext.Current.CancellationToken);

        var text = CsvInit.Text(new() { Csv = folder.File("rows.csv") }, watches: true);

        Assert.Contains("\n  load: {}\n", text, StringComparison.Ordinal);
        Assert.Contains("\n  level: { stuck: 184h }   # its value stays the same for 1,100 rows\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_devices_of_two_rates_the_file_says_that_a_sensor_takes_rows_at_one()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.File("rows.csv"), ["device,time_ms,x,label", .. Enumerable.Range(0, 800).Select(static r =>
            $"d{r / 400},{r % 400 * (r < 400 ? 20 : 40)},{r * 37 % 101}.5,{(r % 400 < 200 ? "a" : "b")}")]);

        Assert.Contains("devices have 25 (1 device), 50 (1): a sensor takes rows at one rate; write a configuration for each",
            CsvInit.Text(new() { Csv = folder.File("rows.csv") }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_column_is_a_label_the_file_of_a_sensor_that_only_watches_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder.File("rows.csv"),
            ["time_ms,x", .. Enumerable.Range(0, 200).Select(static r => $"{20 * r},{r % 5}.5")], TestContext.Current.CancellationToken);

        var refused = Assert.Throws<FormatException>(() => CsvInit.Text(new() { Csv = folder.File("rows.csv") }));

        Assert.Contains("; --watch writes a configuration that detects anomalies only", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("time_s,load,state", "", "state", "on")]                       // the classes of the column
    [InlineData("time_s,load,state", "good,worn", "state", "good")]
    [InlineData("time_s,load,other", "good,worn", "other", "good")]
    [InlineData("time_s,load", "good,worn", "state", "good")]
    public async Task Labels_that_come_later_are_written_as_a_sensor_reads_them(
        string head, string classes, string name, string first)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder.File("rows.csv"), [head, .. Enumerable.Range(0, 400).Select(r =>
            FormattableString.Invariant($"{r},{r % 7}.5") + (head.Split(',').Length == 2 ? "" : r % 100 < 50 ? ",on" : ",up"))],
            TestContext.Current.CancellationToken);

        var (exitCode, text, error) = await Programs.RunAsync(Programs.Sensor,
            ["config", "init", "--csv", folder.File("rows.csv"), "--later", .. classes.Length == 0 ? [] : new[] { classes }]);
        var config = ConfigTree.Parse("f", text).Read(SensorConfig.Read).Value;

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal((name, first, 2), (config.Columns.Label!.Name, config.Columns.Label.Classes[0], config.Columns.Label.Classes.Length));
        Assert.Equal(new(LaterConfig.UsualKeep, LaterConfig.UsualWait), config.Columns.Label.Later);
        Assert.Equal(["load"], config.Columns.Channels.Select(static c => c.Name));
        Assert.NotNull(Assert.Single(SensorDevices.Of(config, epoch: 1, [])).Labels);
    }

    [Fact]
    public async Task Columns_are_those_of_the_model_in_its_order()
    {
        using var folder = new TemporaryFolder();
        var preparation = new Preparation([Field.Channel("x", Unit.One), Field.Channel("y", Unit.One)], 16, 8)
        {
            Kind = ModelKind.Linear,
            RowsPerSecond = 50,
        };
        var network = WindowModel.Create(preparation, 2, seed: 1);
        ModelFile.Save(folder.File("m.safetensors"), network, network.Initial, preparation.On(new() { Labels = ["a", "b"] }));
        async Task<string> TextOf(string head, int step = 20)
        {
            await File.WriteAllLinesAsync(folder.File("rows.csv"), [head, .. Enumerable.Range(0, 200).Select(r =>
                $"{step * r},{r % 5},{r % 7},{r % 3},{(r < 100 ? "a" : "b")}")], TestContext.Current.CancellationToken);
            return CsvInit.Text(new() { Csv = folder.File("rows.csv") }, folder.File("m.safetensors"));
        }

        var text = await TextOf("time_ms,y,z,x,label");
        Assert.Contains(", rate: 50/s, seed: ", await TextOf("time_ms,y,z,x,label", step: 50), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<FormatException>(() => TextOf("time_ms,y,z,w,label"));

        Assert.Contains("\n  x: {}\n  y: {}\n", text, StringComparison.Ordinal);
        Assert.Contains("--model: expected a column x, which the model was trained on; got y, z, w", refused.Message,
            StringComparison.Ordinal);
    }
}
