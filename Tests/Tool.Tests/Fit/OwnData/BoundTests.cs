using System.Text.RegularExpressions;

namespace Tool.Tests;

public sealed class BoundTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_of_enough_devices_answers_with_the_classes_of_which_one_is_right()
    {
        Write(devices: 24, signal: 1.0);

        var fitted = await ToolRun.RunAsync(["fit", .. Fit, "--bound", "0.9", "--out", _folder.File("out")]);
        var answered = await ToolRun.RunAsync(
            ["answer", _folder.File("out/model.safetensors"), "--csv", _folder.File("p00.csv"), "--bound", "0.9"]);
        var more = await ToolRun.RunAsync(
            ["answer", _folder.File("out/model.safetensors"), "--csv", _folder.File("p00.csv"), "--bound", "0.99"]);

        Assert.Equal(65, more.ExitCode);
        Assert.Contains("too few scores, of 20 devices, for a bound: ", more.Error, StringComparison.Ordinal);
        Assert.Matches("bound    90 % promised in the mean of devices, from [0-9]+; on unseen devices the right class", fitted.Output);
        Assert.Contains(OnPage, ReadPage(), StringComparison.Ordinal);
        Assert.DoesNotContain("nothing to learn", fitted.Output, StringComparison.Ordinal);
        Assert.StartsWith("time,class,confidence,possible\n", answered.Output, StringComparison.Ordinal);
        Assert.All(answered.Output.Trim().Split('\n').Skip(1).Select(static l => l.Split(',')),
            static l => Assert.Equal(l[1], l[3].Split('|')[0]));
        Assert.Matches("streamlearn: by 'label', the bound of 90 % covers [0-9.]+ % of [0-9]+ windows\n", answered.Error);

        var judged = Directory.CreateDirectory(_folder.File("judged")).FullName;        // by the devices that judged, the same share
        foreach (var d in new[] { 4, 9, 14, 19 }) { File.Move(_folder.File($"p{d:00}.csv"), Path.Join(judged, $"p{d:00}.csv")); }
        var checkedAgain = await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"), "--csv", $"{judged}/*.csv", "--device",
            "file", "--bound", "0.9"]);
        var share = Regex.Match(fitted.Output, "the right class is in ([0-9.]+ %)").Groups[1].Value;
        Assert.Contains($"the bound of 90 % covers {share} of ", checkedAgain.Error, StringComparison.Ordinal);
        Assert.Matches(" in the mean of devices: (p[0149]{2} [0-9]+ %(, )?){4}\n", checkedAgain.Error);
    }

    [Fact]
    public async Task The_bound_is_checked_on_the_windows_that_are_answered()
    {
        Write(devices: 18, signal: 1.0, rows: 450, missing: "-200");
        await ToolRun.RunAsync(
            ["fit", .. Fit, "--window", "row", "--missing=-200", "--bound", "0.9", "--out", _folder.File("out")]);

        var answered = await ToolRun.RunAsync(
            ["answer", _folder.File("out/model.safetensors"), "--csv", _folder.File("p*.csv"), "--bound", "0.9"]);

        Assert.Equal(18 * 400, answered.Output.Trim().Split('\n').Length - 1);
        Assert.Matches("covers [0-9.]+ % of 7,200 windows, in the mean of devices: p", answered.Error);
    }

    [Fact]
    public async Task Of_noise_and_few_devices_there_is_nothing_to_learn_and_no_bound()
    {
        Write(devices: 8, signal: 0);

        var fitted = await ToolRun.RunAsync(["fit", .. Fit, "--bound", "0.9", "--out", _folder.File("out")]);
        var answered = await ToolRun.RunAsync(
            ["answer", _folder.File("out/model.safetensors"), "--csv", _folder.File("p00.csv"), "--bound", "0.9"]);

        Assert.Contains("noted    nothing to learn here: ", fitted.Output, StringComparison.Ordinal);
        Assert.Matches("noted    always answering '[^']+' would be correct for [0-9.]+ %: the model is not better", fitted.Output);
        Assert.Equal(1, fitted.ExitCode);
        Assert.EndsWith($"{NoBound}7\n", fitted.Error, StringComparison.Ordinal);
        Assert.Matches("noted    no bound: it needs 15 devices, there are [0-9] devices; none is measured\n", fitted.Output);
        Assert.Equal(65, answered.ExitCode);
        Assert.Contains("--bound: ", answered.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fleet_of_enough_devices_saves_a_model_whose_answers_are_bounded()
    {
        Write(devices: 20, signal: 1.0);

        var fitted = await ToolRun.RunAsync(["fit", .. Fleet, "--out", _folder.File("out")]);
        var answered = await ToolRun.RunAsync(
            ["answer", _folder.File("out/model.safetensors"), "--csv", _folder.File("p00.csv"), "--bound", "0.9"]);

        Assert.Contains("bound      90 % promised in the mean of devices, from 16; on unseen devices the right class is in ", fitted.Output,
            StringComparison.Ordinal);
        Assert.Contains(OnPage, ReadPage(), StringComparison.Ordinal);
        Assert.DoesNotContain("nothing to learn", fitted.Output, StringComparison.Ordinal);
        Assert.StartsWith("time,class,confidence,possible\n", answered.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_device_of_a_fleet_judges_once_and_never_where_it_learns()
    {
        string[] devices = [.. Enumerable.Range(0, 17).Select(static d => $"p{d:00}")];
        List<string> judges = [];
        for (var fold = 0; fold < FleetBound.Folds; fold++)
        {
            string[] held = [.. devices.Where((_, d) => FleetBound.Judges(d, fold))];
            Assert.Equal(devices.Except(held), FleetBound.Learning([.. devices], fold));
            judges.AddRange(held);
        }

        Assert.Equal(devices, judges.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(17, 14)]
    [InlineData(1, 1)]
    public async Task Of_a_fleet_of_few_devices_or_of_one_device_there_is_no_bound(int devices, int judges)
    {
        Write(devices, signal: 1.0);

        var fitted = await ToolRun.RunAsync(["fit", .. devices > 1 ? Fleet : Fleet[..^4], "--out", _folder.File("out")]);

        Assert.Equal(1, fitted.ExitCode);
        Assert.EndsWith($"{NoBound}{judges}\n", fitted.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("out/model.safetensors")));
    }

    private const string NoBound =
        "streamlearn: --bound: the model is saved without a bound: expected at least 15 devices to measure it, got ";

    private const string OnPage = "Bound: 90 % promised in the mean of devices, from ";

    private string ReadPage() => File.ReadAllText(_folder.File("out/report.html"));

    private string[] Fleet => [.. Fit[..^1], "--bound", "0.9", "--fleet", "--seconds", "20", "--mode", "async"];

    private string[] Fit => ["--csv", _folder.File("p*.csv"), "--label", "label", "--device", "file", "--model", "linear", "--alone"];

    /// <summary>Three classes, of which a channel tells something; people did the protocol in one order. <paramref name="missing"/>: in
    /// place of each ninth value.</summary>
    private void Write(int devices, double signal, int rows = 1800, string? missing = null)
    {
        for (var d = 0; d < devices; d++)
        {
            var random = new RandomStream(d, "rows");
            var shift = 0.5 * random.NextGaussian();
            File.WriteAllLines(_folder.File($"p{d:00}.csv"), ["time,x,label", .. Enumerable.Range(0, rows).Select(r => string.Create(
                CultureInfo.InvariantCulture,
                $"{r * 20},{(missing is not null && r % 9 == 3 ? missing : $"{Value(r):0.000}")},{"abc"[r / 200 % 3]}"))]);

            double Value(int r) => (signal * (r / 200 % 3)) + shift + random.NextGaussian();
        }
    }
}
