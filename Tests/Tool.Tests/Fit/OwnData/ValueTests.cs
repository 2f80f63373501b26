using Apache.Arrow.Ipc;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class ValueTests(ITestOutputHelper output) : IDisposable
{
    private const int WindowRows = 200;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Hours_left_are_known_at_machines_unseen_to_half_the_error_of_their_mean_with_bounds_that_hold()
    {
        Write(machines: 20);

        var fit = await RunAsync("fit", "--csv", _folder.File("m*.csv"), "--target", "life", "--device", "file", "--window", "0.1",
            "--bound", "0.9", "--model", LongForm.IsAsked ? "auto" : "rocket", "--out", _folder.File("out"));
        output.WriteLine(fit);

        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("out/result.json"), Cancellation));
        var error = result.RootElement.GetProperty("mean_absolute_error").GetDouble();
        Assert.InRange(error, 0, 0.5 * result.RootElement.GetProperty("error_of_mean").GetDouble());
        Assert.Equal(["m04", "m09", "m14", "m19"], result.RootElement.GetProperty("devices").EnumerateArray()
            .Select(static d => d.GetProperty("name").GetString()!).Order());
        Assert.InRange(result.RootElement.GetProperty("covered").GetDouble(), 0.8, 1);
        Assert.False(result.RootElement.GetProperty("nothing_to_learn").GetBoolean());

        var answers = (await RunAsync("answer", _folder.File("out/model.safetensors"), "--csv", _folder.File("m19.csv"), "--bound", "0.9"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        output.WriteLine(answers[1]);
        Assert.Equal("time,value,low,high", answers[0]);
        var half = result.RootElement.GetProperty("bound_half").GetDouble();
        Assert.All(answers.Skip(1), line =>
        {
            var (value, low, high) = (Number(line, 1), Number(line, 2), Number(line, 3));
            Assert.Equal(half, value - low, 1e-2);
            Assert.Equal(half, high - value, 1e-2);
        });

        // rows as they are measured have the same bounds; Arrow says what the numbers are
        await RunAsync("answer", _folder.File("out/model.safetensors"), "--command", $"cat {_folder.File("m19.csv")}", "--time", "t:s",
            "--bound", "0.9", "--out", _folder.File("live.csv"));
        Assert.Equal(answers, await File.ReadAllLinesAsync(_folder.File("live.csv"), Cancellation));
        await RunAsync("answer", _folder.File("out/model.safetensors"), "--csv", _folder.File("m19.csv"), "--bound", "0.9", "--out",
            _folder.File("a.arrow"));
        using var arrow = new ArrowFileReader(File.OpenRead(_folder.File("a.arrow")));
        using var batch = await arrow.ReadNextRecordBatchAsync(Cancellation);
        Assert.All(["value", "low", "high"], name => Assert.Equal([("target", "life"), ("unit", "h")],
            batch.Schema.GetFieldByName(name).Metadata.OrderBy(static m => m.Key).Select(static m => (m.Key, m.Value))));
    }

    /// <summary>Each machine learns from its own rows, and tells the others what it learned.</summary>
    [LongFact]
    public async Task A_fleet_knows_the_hours_left_of_machines_unseen_the_same_bits_each_time()
    {
        var (machines, model) = LongForm.IsAsked ? (20, "auto") : (10, "linear");
        string[] bound = LongForm.IsAsked ? ["--bound", "0.9"] : [];
        Write(machines);
        var hashes = new List<string?>();
        for (var run = 0; run < (LongForm.IsAsked ? 1 : 2); run++)
        {
            var fit = await RunAsync(["fit", "--csv", _folder.File("m*.csv"), "--target", "life", "--device", "file", "--window", "0.1",
                "--fleet", "--mode", LongForm.IsAsked ? "both" : "async", "--seconds",
                LongForm.IsAsked ? "300" : "60", "--model", model, "--out",
                _folder.File("out"), .. bound]);
            output.WriteLine(fit);

            using var result = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("out/result.json"), Cancellation));
            var root = result.RootElement;
            var error = root.GetProperty("mean_absolute_error").GetDouble();
            Assert.InRange(error, 0, 0.5 * root.GetProperty("error_of_mean").GetDouble());
            Assert.Equal(error, root.GetProperty("runs")[0].GetProperty("mean_absolute_error").GetDouble(), 1e-9);
            Assert.False(root.GetProperty("nothing_to_learn").GetBoolean());
            Assert.Equal(machines / 5, root.GetProperty("devices").GetArrayLength());
            if (LongForm.IsAsked) { Assert.InRange(root.GetProperty("covered").GetDouble(), 0.8, 1); }
            hashes.Add(root.GetProperty("runs")[0].GetProperty("weights_sha256").GetString());
        }

        Assert.Single(hashes.Distinct());
        Assert.StartsWith("time,value\n", await RunAsync("answer", _folder.File("out/model.safetensors"), "--csv",
            _folder.File("m09.csv")), StringComparison.Ordinal);
    }

    /// <summary>What a wave will be is known from its windows, and without the future nothing is.</summary>
    [Fact]
    public async Task What_a_column_will_be_is_learned_from_what_it_was()
    {
        for (var device = 0; device < 5; device++)
        {
            var random = new RandomStream(device, "wave");
            await File.WriteAllLinesAsync(_folder.File($"w{device}.csv"), ["time,x", .. Enumerable.Range(0, 2000).Select(row =>
                string.Create(CultureInfo.InvariantCulture,
                    $"{row * 20},{Math.Sin((row * 0.13) + device) + (0.05 * random.NextGaussian()):0.0000}"))], Cancellation);
        }

        await RunAsync("fit", "--csv", _folder.File("w*.csv"), "--target", "x", "--ahead", "0.2", "--device", "file", "--window", "1",
            "--model", "conv", "--out", _folder.File("out"));

        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("out/result.json"), Cancellation));
        Assert.InRange(result.RootElement.GetProperty("r2").GetDouble(), 0.9, 1);
        var now = result.RootElement.GetProperty("error_of_now").GetDouble();       // of sin(a) and sin(a + 1.3), with noise
        Assert.InRange(now, 0.7, 0.85);
        Assert.InRange(result.RootElement.GetProperty("mean_absolute_error").GetDouble(), 0, now / 2);
    }

    /// <summary>Every hundredth row has a target: windows are as long as they were, and those that end with one are learned.</summary>
    [Fact]
    public async Task Few_rows_with_a_target_are_enough_or_it_is_said_that_they_are_not()
    {
        for (var device = 0; device < 3; device++)
        {
            var random = new RandomStream(device, "few");
            await File.WriteAllLinesAsync(_folder.File($"f{device}.csv"), ["time,x,life", .. Enumerable.Range(1, 6000).Select(row =>
                string.Create(CultureInfo.InvariantCulture,
                    $"{row * 20},{(row % 700 / 700.0) + (0.1 * random.NextGaussian()):0.000},{(row % 100 == 0 ? $"{row % 700}" : "")}"))],
                Cancellation);
        }

        string[] options = ["--csv", _folder.File("f*.csv"), "--target", "life", "--device", "file", "--model", "linear", "--out",
            _folder.File("out")];
        var fit = await RunAsync(["fit", .. options, "--window", "2"]);
        var none = await ToolRun.RunAsync(["fit", .. options, "--window", "80"]);

        Assert.DoesNotContain("count nothing", fit, StringComparison.Ordinal);
        Assert.Equal(65, none.ExitCode);
        Assert.Contains("windows with a target", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_noise_it_is_said_that_there_is_nothing_to_learn()
    {
        for (var device = 0; device < 8; device++)
        {
            var random = new RandomStream(device, "noise");
            await File.WriteAllLinesAsync(_folder.File($"n{device}.csv"), ["time,x,life", .. Enumerable.Range(0, 1000).Select(row =>
                string.Create(CultureInfo.InvariantCulture, $"{row * 20},{random.NextGaussian():0.000},{random.NextGaussian():0.000}"))],
                Cancellation);
        }

        var fit = await RunAsync("fit", "--csv", _folder.File("n*.csv"), "--target", "life", "--device", "file", "--model", "linear",
            "--out", _folder.File("out"));

        Assert.Contains("nothing to learn here", fit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_is_made_of_the_value_is_named()
    {
        await File.WriteAllLinesAsync(_folder.File("twin.csv"), ["time,x,minutes,life", .. Enumerable.Range(0, 600).Select(static row =>
            string.Create(CultureInfo.InvariantCulture, $"{row * 20},{Math.Sin(row)},{60 * (row % 37)},{row % 37}"))], Cancellation);

        string[] options = ["--csv", _folder.File("twin.csv"), "--target", "life", "--model", "linear", "--window", "0.2"];
        var fit = await RunAsync(["fit", .. options, "--out", _folder.File("out")]);
        var look = await RunAsync("look", "--csv", _folder.File("twin.csv"), "--target", "life");

        Assert.Contains("'minutes' goes with 'life' almost exactly (correlation 1.000)", fit, StringComparison.Ordinal);
        Assert.DoesNotContain("'x' goes with", fit, StringComparison.Ordinal);
        Assert.Contains("--target life --device none", look, StringComparison.Ordinal);
        var soon = await ToolRun.RunAsync(["fit", .. options, "--ahead", "0.005"]);
        Assert.Contains("--ahead: no row is 0.005 s after another: rows are 0.02 s apart", soon.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--target: there is no column 'gone'", "--target", "gone")]
    [InlineData("--target: leave --label out", "--target", "life", "--label", "life")]
    [InlineData("--ahead: expected seconds, 0.001 to 1000000000, or a duration such as 90s, 30min or 6h, got '6 moons'", "--target",
        "life", "--ahead", "6 moons")]
    [InlineData("--window: expected seconds, 0.000001 to 1000000000, or a duration such as 90s, 30min or 6h, or row, got 'rows'",
        "--window", "rows")]
    [InlineData("--ahead: expected --target COLUMN or --label COLUMN", "--ahead", "3")]
    [InlineData("--ahead: leave --window row out", "--target", "life", "--ahead", "3", "--window", "row")]
    [InlineData("--mode: leave it out; one machine learns, without a fleet", "--target", "life", "--mode", "async", "--alone")]
    [InlineData("--goal: expected --fleet with it", "--target", "life", "--goal", "0.5")]
    [InlineData("--goal: leave it out; it is for fleets that learn classes", "--target", "life", "--fleet", "--goal", "0.5")]
    public async Task What_does_not_go_with_a_value_is_refused(string message, params string[] options)
    {
        Write(machines: 2);

        var run = await ToolRun.RunAsync(["fit", "--csv", _folder.File("m*.csv"), .. options]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6h")]
    [InlineData("360 min")]
    [InlineData("21600s")]
    [InlineData("21600")]
    public async Task A_time_ahead_is_in_seconds_or_has_its_unit(string ahead)
    {
        Write(machines: 2);

        var run = await ToolRun.RunAsync("fit", "--csv", _folder.File("m*.csv"), "--target", "life", "--ahead", ahead);

        Assert.Equal(65, run.ExitCode);
        Assert.EndsWith("no row has a value 21600 s after it\n", run.Error, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static double Number(string line, int place) => double.Parse(line.Split(',')[place], CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(params string[] words)
    {
        var run = await ToolRun.RunAsync(words);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }

    [LongTheory]
    [InlineData("hours left", "life", 0.1, 60)]
    [InlineData("occupancy", "co2", 960, 300)]
    [InlineData("electricity", "nsw demand", 7200, 0.2)]
    [InlineData("skab", "flow", 16, 30)]
    public async Task Its_linear_model_is_at_most_a_fiftieth_above_ridge_regression_of_scikit_learn(
        string set, string target, double window, float deviation)
    {
        Assert.SkipWhen(SetsPeer.Missing is not null, SetsPeer.Missing ?? "");
        if (set == "hours left") { Write(machines: 10); }
        else
        {
            var data = Path.Combine(Recordings.Folder ?? "", "..");
            Assert.SkipWhen(Recordings.Folder is null, "the recordings are not there");
            (set switch
            {
                "occupancy" => RealRows.Occupancy(Path.Combine(data, "streams")),
                "electricity" => RealRows.Electricity(Path.Combine(data, "streams"), devices: 20),
                _ => RealRows.Skab(Path.Combine(data, "skab")),
            }).Write(_folder.File("m.csv"));
        }

        using var splits = new TemporaryFolder();
        var source = OwnFleet.Read(new()
        {
            From = new()
            {
                Csv = _folder.File("m*.csv"),
                Device = set == "hours left" ? "file" : "device",
                Target = target,
            },
            Window = new(window),
        });
        source = source with { Objective = new(0, deviation) };
        var model = FitModel.Of(ModelKind.Linear, source.ToRows(), seed: 1);
        var all = FitWindows.Collect(model.Rows, [.. source.Devices, .. source.Unseen], seed: 1);
        var ours = 0.0;
        for (var split = 0; split < 5; split++)
        {
            var (learning, judging) = (all.Where(r => all.Owners[r] % 5 != split), all.Where(r => all.Owners[r] % 5 == split));
            SetsPeer.Write(splits, split, learning, judging);
            var line = new FitLine(TimeProvider.System, static _ => { }, "linear");
            var trials = Trial.Best([.. FitSplit.FoldsOf(learning, model.Rows)
                .Select(f => Trial.Of(model, f.Learning, f.Judging, 1, line, Cancellation))]);
            var fitted = Trial.Finish(model, learning, trials, 1, line, Cancellation);
            ours += Evaluation.Of(model.Network, fitted.Weights, judging.Sample).Values.MeanAbsolute / 5;
        }

        var theirs = (await SetsPeer.LearnAsync("ridge", splits)).Average(static s => s.GetProperty("ridge").GetDouble());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{set}: '{target}', {all.Labels.Length} windows: ours {ours:0.####}, scikit-learn {theirs:0.####}"));
        Assert.InRange(ours, 0, 1.02 * theirs);
    }

    /// <summary>Machines looked at every eight hours, from 200 hours before they fail: a record of 0.15 s each time.</summary>
    private void Write(int machines)
    {
        for (var machine = 0; machine < machines; machine++)
        {
            List<string> lines = ["t,vibration [gn],temperature,life [h]"];
            for (var left = 200; left >= 0; left -= 8)
            {
                var (vibration, temperature) = Wear.Record(machine, left, WindowRows * 3 / 2);
                for (var row = 0; row < vibration.Length; row++)
                {
                    lines.Add(string.Create(CultureInfo.InvariantCulture,
                        $"{((200 - left) * 3600.0) + (row / 2000.0):0.0000},{vibration[row]:0.0000},{temperature[row]:0.00},{left}"));
                }
            }

            File.WriteAllLines(_folder.File($"m{machine:00}.csv"), lines);
        }
    }
}
