using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class OwnRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_gap_in_time_parts_recordings_and_a_few_missing_values_are_filled_in()
    {
        var rows = Read("time_ms,x,activity", "0,1.5,a", "20,,a", "40,3.5,a", "60,4.5,b", "500,9.5,b", "520,nan,b", "540,,a", "560,NA,a",
            "580,,a", "600,,a", "620,,a", "640,7.5,a");

        var device = Assert.Single(rows.Devices);
        Assert.Equal([1.5f, 2.5f, 3.5f, 4.5f, 9.5f, 7.5f], device.Values);
        Assert.Equal([0, 0, 0, 1, 1, 0], device.Labels);
        Assert.Equal([new OwnPart(0, 4), new OwnPart(4, 1), new OwnPart(5, 1)], device.Parts);
        Assert.Contains(rows.Notes, n => n.StartsWith("1 row with missing values was filled in", StringComparison.Ordinal));
        Assert.Contains(rows.Notes, n => n.StartsWith("6 rows in longer gaps", StringComparison.Ordinal));
    }

    [Fact]
    public void A_device_keeps_as_many_bytes_of_windows_with_few_features_as_with_many()
    {
        var source = OwnFleet.Of(Read("time_ms,x,activity", [.. Enumerable.Range(0, 200).Select(
            static r => FormattableString.Invariant($"{r * 20},{r % 7}.5,{(r < 100 ? "a" : "b")}"))]), new());

        var model = FleetModel.Of(ModelKind.Linear, source, seed: 1);

        Assert.InRange(model.Source.BufferRows * model.Network.Plan.Input.Size, 80_000, 100_000);
        Assert.InRange(model.Source.BufferRows, 1000, 4096);
    }

    [Fact]
    public void Rows_that_cannot_be_read_are_left_out_and_said()
    {
        var rows = Read("time_ms,x,activity", "0,1.5,a", "20,oops,b", "40,3.5,b", "60,4.5,b");

        Assert.Equal(3, rows.Devices[0].Labels.Length);
        Assert.Contains("rows.csv:3", Assert.Single(rows.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_comes_twice_is_left_out_and_does_not_part_a_recording()
    {
        var rows = Read("time_ms,x,activity", "0,1.5,a", "20,2.5,a", "20,2.5,a", "40,3.5,b");

        Assert.Equal([1.5f, 2.5f, 3.5f], rows.Devices[0].Values);
        Assert.Single(rows.Devices[0].Parts);
        Assert.Contains(rows.Notes, n => n.StartsWith("1 row with the same time as the previous row was", StringComparison.Ordinal));
    }

    [Fact]
    public void Labels_that_change_within_a_window_are_said()
    {
        string[] lines = [.. Enumerable.Range(0, 400).Select(r =>
            $"{r * 20},{r * 37 % 101}.5,{(r < 200 ? "a" : r / 4 % 2 == 0 ? "a" : "b")}")];
        var rows = Read("time_ms,x,activity", lines);

        Assert.StartsWith("only 51 % of the labelled rows", OwnFleet.Of(rows, new() { Window = new(0.4) }).Notes[0],
            StringComparison.Ordinal);
        Assert.StartsWith("25 % of the windows have a change of label inside: they are neither learned from nor judged",
            Assert.Single(OwnFleet.Of(rows, new() { Window = new(0.08) }).Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 174)]
    [InlineData(60, 240)]
    [InlineData(300, 300)]
    public void Features_of_many_channels_are_fewer_each(int channels, int expected)
    {
        var names = Enumerable.Range(0, channels).Select(c => channels == 6 ? $"{(c < 3 ? "acc" : "gyro")} {"xyz"[c % 3]}" : $"c{c}")
            .ToList();
        string[] lines = [.. Enumerable.Range(0, 40)
            .Select(r => $"{r * 20},{string.Join(',', names.Select(static _ => "1.5"))},{(r < 20 ? "a" : "b")}")];
        var source = OwnFleet.Of(Read($"time_ms,{string.Join(',', names)},activity", lines), new());

        Assert.Equal(expected, (source.Preparation with { Kind = ModelKind.Features }).Input.Size);
    }

    [Fact]
    public void Devices_whose_rows_alternate_are_told_apart()
    {
        var rows = Read("device,time_ms,x,activity", "b,0,1.5,s", "a,0,2.5,t", "b,20,3.5,s", "a,20,4.5,t");

        Assert.Equal(["a", "b"], rows.Devices.Select(d => d.Name));
        Assert.Equal([[2.5f, 4.5f], [1.5f, 3.5f]], rows.Devices.Select(d => d.Values));
        Assert.All(rows.Devices, d => Assert.Single(d.Parts));
    }

    [Theory]
    [InlineData(0.0, "1.5 2.5 3.5 | 4.5 5.5")]
    [InlineData(0.4, "3.5 | 4.5 5.5 | 1.5 2.5")]
    [InlineData(0.6, "4.5 5.5 | 1.5 2.5 3.5")]
    public void A_stream_can_begin_anywhere_and_has_every_row_once(double phase, string expected)
    {
        var rows = Read("time_ms,x,activity", "0,1.5,a", "20,2.5,a", "40,3.5,b", "1000,4.5,b", "1020,5.5,a");
        List<(int Recording, float Value, long Time)> seen = [];
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("play", p =>
            p.FromOwn(rows, rows.Devices[0], OwnPlay.Plain, new(1, phase, FleetSource.Start, false)).ForEach("see", batch =>
        {
            for (var r = 0; r < batch.Rows; r++)
            {
                seen.Add((batch["recording"].Values<int>()[r], batch["x"].Values<float>()[r], batch["time"].Values<long>()[r]));
            }
        })));

        world.RunToEnd();

        Assert.Equal(expected, string.Join(" | ", seen.GroupBy(s => s.Recording).Select(g => string.Join(' ', g.Select(s =>
            s.Value.ToString(System.Globalization.CultureInfo.InvariantCulture))))));
        Assert.Equal(seen.Select(s => s.Time).Order(), seen.Select(s => s.Time));
    }

    [Fact]
    public void Windows_are_as_long_as_labels_last()
    {
        Assert.Equal(128, FleetOf(50, 1000).WindowSamples);
        Assert.Equal(64, FleetOf(25, 1000).WindowSamples);
        Assert.Equal(34, FleetOf(50, 100).WindowSamples);
        Assert.Equal(64, FleetOf(4, 1000).WindowSamples);
        Assert.Equal(20, FleetOf(50, 1000, new() { Window = new(0.4) }).WindowSamples);
        Assert.Equal(2, Assert.Throws<ProgramException>(() => FleetOf(50, 1000, new() { Window = new(600) })).ExitCode);
    }

    [Fact]
    public void One_device_in_five_judges_unless_the_options_name_some()
    {
        string[] names = ["a", "b", "c", "d", "e", "f"];
        string[] lines = [.. names.SelectMany(n => Enumerable.Range(0, 40).Select(r => $"{n},{r * 20},{r}.5,{(r < 20 ? "s" : "t")}"))];
        var rows = Read("device,time_ms,x,activity", lines);

        Assert.Equal(["e"], OwnFleet.Of(rows, new()).Unseen);
        Assert.Equal(["a", "c"], OwnFleet.Of(rows, new() { Unseen = " c,a " }).Unseen);
        Assert.Equal(["b", "d", "e", "f"], OwnFleet.Of(rows, new() { Unseen = "c,a" }).Devices);
        Assert.Contains("'x', expected some of a, b",
            Assert.Throws<ProgramException>(() => OwnFleet.Of(rows, new() { Unseen = "x" })).Message,
            StringComparison.Ordinal);
        Assert.Equal(2, Assert.Throws<ProgramException>(() => OwnFleet.Of(rows, new() { Unseen = "a,b,c,d,e,f" })).ExitCode);
    }

    private FleetSource FleetOf(double rate, int rowsOfLabel, JobOptions? options = null)
    {
        string[] lines = [.. Enumerable.Range(0, 3 * rowsOfLabel).Select(r =>
            FormattableString.Invariant($"{Math.Round(r * 1e6 / rate):0},{r}.5,{(r / rowsOfLabel == 1 ? "b" : "a")}"))];
        return OwnFleet.Of(Read("time_us,x,activity", lines), options ?? new());
    }

    private OwnRows Read(string head, params string[] lines)
    {
        var path = _folder.File("rows.csv");
        File.WriteAllLines(path, [head, .. lines]);
        return OwnRows.Read(FirstLook.At(new() { Csv = path }));
    }
}
