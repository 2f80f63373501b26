using StreamLearn.Formats;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>Sensors that were written apart become one table by time, or are refused: they are never one stream.</summary>
public sealed class JoinTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_have_the_times_of_the_stream_with_most_and_the_last_values_of_the_others()
    {
        Write("ann_acc.csv", "time;x [g];label", "100;1,5;sit", "120;2,5;sit", "140;;walk", "160;4,5;walk", "200;6,5;walk");
        Write("ann_baro.csv", "time;p", "121;1000", "160;1001");
        Write("bob_acc.csv", "time;x [g];label", "100;1,5;sit");

        var look = FirstLook.At(new()
        {
            Csv = _folder.File("{person}_{sensor}.csv"),
            Join = "sensor",
            Time = "time",
            TimeFormat = "ms",
            Label = "label",
        });

        Assert.Equal(["acc in g", "baro"], look.Channels.Select(static c => OwnColumns.TextOf(c.Field)));
        Assert.Equal(["ann 100 sit 1.5 -", "ann 120 sit 2.5 -", "ann 140 walk - 1000", "ann 160 walk 4.5 1001", "ann 200 walk 6.5 1001",
            "bob 100 sit 1.5 -"], RowsOf(look));
        Assert.Contains(look.Reasons, static r => r.Contains("joined by 'sensor' (acc, baro)", StringComparison.Ordinal));
        Assert.EndsWith("--join sensor --time time --time-format ms", look.Options, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_is_held_for_three_steps_of_its_stream()
    {
        Write("a.csv", "time_ms,name,value",
            [.. Enumerable.Range(0, 12).Select(static i => $"{i * 10},fast,{i}"), "0,slow,7", "20,slow,8"]);

        var rows = RowsOf(FirstLook.At(new() { Csv = _folder.File("a.csv"), Join = "name", Time = "time_ms", TimeFormat = "ms" }));

        Assert.Equal(["device 80  8 8", "device 90  9 -"], rows[8..10]);
    }

    [Fact]
    public void Devices_in_a_column_are_joined_apart_and_rows_that_cannot_be_read_are_named()
    {
        Write("a.csv", "time_ms,device,unit,value", [.. Enumerable.Range(0, 60).SelectMany(static i => (string[])[
            $"{i * 20},m1,°C,{20 + (i % 7)}", $"{i * 20},m1,%,{50 + (i % 9)}", $"{i * 20},m2,°C,{80 + (i % 5)}",
            $"{i * 20},m2,%,{i % 4}"]), "x,m1,°C,1"]);

        var look = FirstLook.At(new() { Csv = _folder.File("a.csv"), Join = "unit" });

        Assert.Equal(["m1", "m2"], look.Devices);
        Assert.Equal(["m1 0  20 50", "m1 20  21 51", "m2 0  80 0"], RowsOf(look) is var rows ? [rows[0], rows[1], rows[60]] : []);
        Assert.Contains(look.Reasons, static r => r.Contains("1 rows, first ", StringComparison.Ordinal)
            && r.Contains("a.csv:242, cannot be read", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NA", 60, "60 of 120 rows have no name in 'name', first ")]
    [InlineData("", 60, "60 of 120 rows have no name in 'name', first ")]
    [InlineData("", 1, "1 rows, first ")]
    public async Task Rows_without_the_name_of_a_stream_are_counted_and_refused_if_they_are_many(string name, int rows, string expected)
    {
        Write("a.csv", "time_ms,name,value", [.. Enumerable.Range(0, 60).SelectMany(i => (string[])[
            $"{i * 20},hum,{50 + (i % 9)}", $"{i * 20},{(i < rows ? name : "temp")},{20 + (i % 7)}"])]);

        var run = await ToolRun.RunAsync("look", "--csv", _folder.File("a.csv"), "--join", "name");

        Assert.Contains(expected + _folder.File("a.csv") + ":3", run.Output + run.Error, StringComparison.Ordinal);
        Assert.Equal(rows == 1, run.Output.Contains("channels  hum, temp:", StringComparison.Ordinal));
    }

    [Fact]
    public void The_only_text_names_the_device_and_a_device_without_a_stream_or_with_other_labels_is_named()
    {
        Write("a.csv", "time_ms,who,name,value,state", [.. Enumerable.Range(0, 120).SelectMany(static i => (string[])[
            $"{i * 20},ann,v,{i % 7},{(i / 60 == 0 ? "on" : "off")}", $"{i * 20},ann,u,{50 + (i % 9)},on", $"{i * 20},bob,v,{i % 5},on"])]);

        var look = FirstLook.At(new() { Csv = _folder.File("a.csv"), Join = "name" });

        Assert.Equal(["ann", "bob"], look.Devices);
        Assert.Equal(["ann 0 on 0 50", "bob 0 on 0 -"], RowsOf(look).Where(static r => r.Contains(" 0 on ", StringComparison.Ordinal)));
        Assert.Contains(look.Reasons, static r => r.Contains("no values of 'u' at the times of ", StringComparison.Ordinal));
        Assert.Contains(look.Reasons, static r => r.Contains("in 60 of 240 rows, 'state' differs", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("time,name,value", "{0},temp,1\n{0}, temp,2", "' temp' and 'temp' are taken as one: write the same name")]
    [InlineData("time,who,place,name,value", "{0},a,x,t,1\n{0},b,y,u,2", "'who' or 'place' may say whose the rows are")]
    public async Task Streams_and_devices_in_doubt_are_refused(string header, string row, string expected)
    {
        Write("a.csv", header, [.. Enumerable.Range(0, 50).Select(i => string.Format(CultureInfo.InvariantCulture, row, i))]);

        var run = await ToolRun.RunAsync("look", "--csv", _folder.File("a.csv"), "--join", "name", "--time-format", "s");

        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Units_of_time_that_are_guessed_apart_are_refused()
    {
        Write("acc.csv", "t,x", [.. Enumerable.Range(0, 600).Select(static i => $"{i},{i % 7}")]);
        Write("temp.csv", "t,y", [.. Enumerable.Range(0, 10).Select(static i => $"{i * 60},{20 + (i % 3)}")]);

        var run = await ToolRun.RunAsync("look", "--csv", _folder.File("{sensor}.csv"), "--join", "sensor");
        var said = await ToolRun.RunAsync("look", "--csv", _folder.File("{sensor}.csv"), "--join", "sensor", "--time-format", "s");

        Assert.Contains("seem to be in s, of others in ms: --time-format says", run.Error, StringComparison.Ordinal);
        Assert.Contains("rate      1 rows a second", said.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{person}_{sensor}.csv", "sensor", "expected the same columns in all of 'acc', got acc.x, acc.z beside acc.x, acc.y")]
    [InlineData("ann_{sensor}.csv", "part", "there is no column 'part'")]
    [InlineData("c-{person}.csv", "person", "c-no.csv has no column of times; --time names it")]
    [InlineData("ann_acc.csv", "label", "expected several values of 'label' to join, got 1")]
    public async Task What_cannot_be_joined_is_refused(string files, string by, string expected)
    {
        Write("ann_acc.csv", "time,x,y,label", "2026-01-01T00:00:00Z,1,1,a", "2026-01-01T00:00:01Z,2,1,a");
        Write("bob_acc.csv", "time,x,z", "2026-01-01T00:00:00Z,1,2",
            "2026-01-01T00:00:01Z,2,2");

        Write("c-no.csv", "n,x", "7,1", "3,2");

        var run = await ToolRun.RunAsync("look", "--csv", _folder.File(files), "--join", by);

        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, run.ExitCode);
    }

    [Theory]
    [InlineData("participant,age", null, null)]
    [InlineData("participant,age", "time", null)]
    [InlineData("participant,x", null, "Metadata.csv has no column of times; --time names it, one of participant, x")]
    [InlineData("start_time,age", null, "Metadata.csv has no column of times; --time names it, one of start_time, age")]
    public async Task A_file_without_times_is_left_out_and_named_unless_it_may_have_rows_to_join(string head, string? time, string? refused)
    {
        Write("Metadata.csv", head, "p1,31", "p2,27");
        foreach (var sensor in (string[])["acc", "gyro"])
        {
            Write($"{sensor}.csv", "time,x", [.. Enumerable.Range(0, 100).Select(static i =>
                FormattableString.Invariant($"{1_767_225_600 + i},{i % 7}.5"))]);
        }

        var run = await ToolRun.RunAsync(["look", "--csv", _folder.File("{sensor}.csv"), "--join", "sensor",
            .. time is null ? [] : new[] { "--time", time }]);

        Assert.Equal(refused is not null, run.Error.Contains("--join: ", StringComparison.Ordinal));
        Assert.Contains(refused ?? "Metadata.csv has no column of times: left out", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("left", "right", 1_767_225_600_000, true)]
    [InlineData("trial1", "trial2", 0, false)]
    [InlineData("acc", "gyro", 0, true)]
    public void Files_of_one_device_side_by_side_are_not_one_recording(string one, string other, long start, bool isRefused)
    {
        Directory.CreateDirectory(_folder.File("ann"));
        foreach (var name in (string[])[one, other])
        {
            Write($"ann/{name}.csv", "time_ms,x,label",
                [.. Enumerable.Range(0, 100).Select(i => $"{start + (i * 20)},{i % 7}.5,{i / 50}")]);
        }

        var missing = FirstLook.At(new() { Csv = _folder.File("{person}/*.csv") }).Missing;

        Assert.Equal(isRefused, missing.Any(static m => m.Contains("--join sensor", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_model_of_joined_files_answers_joined_files()
    {
        foreach (var (sensor, at) in (string[])["acc", "gyro"] is var names ? names.Select(static (n, i) => (n, i)) : [])
        {
            Write($"ann_{sensor}.csv", "time_ms,x,y,label", [.. Enumerable.Range(0, 600).Select(i =>
                FormattableString.Invariant($"{(i * 20) + at},{Math.Sin(i) * (i / 100 % 2)},{at},{(i / 100 % 2 == 0 ? "sit" : "run")}"))]);
        }

        string[] rows = ["--csv", _folder.File("{person}_{sensor}.csv"), "--join", "sensor"];
        var fit = await ToolRun.RunAsync(["fit", .. rows, "--label", "label", "--window", "0.5", "--out", _folder.File("out")]);
        var answer = await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"), .. rows]);
        var remembered = await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"), .. rows[..2]]);

        Assert.Equal((0, 0), (fit.ExitCode, answer.ExitCode));
        Assert.Equal(answer.Output, remembered.Output);
        Assert.Contains("--join sensor", fit.Output, StringComparison.Ordinal);
        Assert.Contains("run", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_name_the_files_that_were_joined_and_never_temporary_ones()
    {
        foreach (var sensor in (string[])["acc", "gyro"])
        {
            Write($"ann_{sensor}.csv", "time_ms,x,y,label", [.. Enumerable.Range(0, 600).Select(i => FormattableString.Invariant(
                $"{i * 20},{(i == 50 ? 1e300 : Math.Sin(i) * (i / 100 % 2))},1,{(i / 100 % 2 == 0 ? "sit" : "run")}"))]);
        }

        string[] rows = ["--csv", _folder.File("{person}_{sensor}.csv"), "--join", "sensor"];
        var fit = await ToolRun.RunAsync(["fit", .. rows, "--label", "label", "--window", "0.5", "--out", _folder.File("out")]);
        foreach (var run in (ProgramProcess[])[fit, await ToolRun.RunAsync(["look", .. rows]), await ToolRun.RunAsync(["watch", .. rows]),
            await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"), .. rows])])
        {
            Assert.Contains($"left out joined rows of {_folder.File("ann_acc.csv")}, {_folder.File("ann_gyro.csv")}, column 'acc.x'",
                run.Output + run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("streamlearn-join", run.Output + run.Error, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("streamlearn-join", await File.ReadAllTextAsync(_folder.File("out/report.html"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static string[] RowsOf(OwnColumns look)
    {
        var rows = new List<string>();
        FileColumn[] read = [look.Time!, .. look.Channels.Select(static c => c with { Field = c.Field with { Nullable = true } }),
            .. look.Label is null ? [] : new[] { FileColumn.Label(look.Label, look.Classes) }];
        OwnReader.ReadRows(look.Files, read, look.DeviceColumn, look.Devices, (batch, row, of) => rows.Add(
            FormattableString.Invariant($"{look.Devices[look.DeviceOf(of)]} {batch.Columns[0].Values<long>()[row] / 1_000_000} ")
            + (look.Label is null ? "" : look.Classes[batch.Columns[1 + look.Channels.Length].Values<int>()[row]])
            + string.Concat(look.Channels.Select((_, c) =>
                batch.Columns[1 + c].IsValid(row) ? FormattableString.Invariant($" {batch.Columns[1 + c].Values<float>()[row]}") : " -"))));
        return [.. rows];
    }

    private void Write(string name, string header, params string[] rows) => File.WriteAllLines(_folder.File(name), [header, .. rows]);
}
