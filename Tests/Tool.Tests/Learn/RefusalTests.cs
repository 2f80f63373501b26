using System.Diagnostics;
using System.Text;
using Quickstart.Tests;
using StreamLearn;
using StreamLearn.Testing;

namespace Tool.Tests;

/// <summary>What the program cannot use it refuses, in one line, and nothing half-written is left.</summary>
public sealed class RefusalTests(ShortRecordings recordings)
{
    [Theory]
    [InlineData("""{ "faults": [ { "device": "#0", "kind": "stuck", "channel": "acc q" } ] }""",
        "there is no channel 'acc q', expected one of acc x, acc y")]
    [InlineData("""{ "faults": [ { "device": "user-999", "kind": "clock", "aheadSeconds": 9 } ] }""",
        "there is no device 'user-999', expected one of user-001")]
    [InlineData("""{ "devices": { "user-x": { "speed": 1 } } }""", "there is no device 'user-x'")]
    [InlineData("""{ "failures": [ { "atSeconds": 1, "device": "#0", "kind": "move", "to": "b" } ] }""",
        "failures: '#0' moves to b at 1 s, but this fleet has only one server")]
    [InlineData("""{ "stragglers": [ "nobody" ] }""", "there is no device 'nobody'")]
    [InlineData("""{ "stragglers": [ "#4" ] }""", "there is no device '#4'")]
    [InlineData("""{ "stragglers": 5 }""", "expected at most 4 stragglers, the number of devices, got 5")]
    public async Task A_scenario_that_does_not_fit_the_fleet_is_refused(string scenario, string reason)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("s.json"), scenario, TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("fit", "--devices", "4", "--seconds", "5", "--scenario", folder.File("s.json"));

        AssertRefused(78, reason, run);
    }

    [Fact]
    public async Task A_scenario_without_speeds_runs_and_ends()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("s.json"), "{}", TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("fit", "--devices", "4", "--seconds", "60", "--scenario", folder.File("s.json"));

        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData(new[] { 1, 3 }, "no person to evaluate the model on: expected one of the numbers 2, 4, 9")]
    [InlineData(new[] { 2, 4 }, "no person to learn from")]
    public async Task Recordings_without_people_to_learn_from_or_to_judge_by_are_refused(int[] people, string reason)
    {
        using var folder = new TemporaryFolder();
        await RecordAsync(folder, people);

        AssertRefused(65, reason, await ToolRun.RunAsync("fit", "--data", folder.Path));
    }

    [Fact]
    public async Task A_person_above_30_is_a_device_like_others()
    {
        using var folder = new TemporaryFolder();
        await RecordAsync(folder, [1, 2, 31, 77]);

        var source = FleetSource.From(new() { Data = new(folder.Path) });

        Assert.Equal(["person-01", "person-31", "person-77"], source.Devices);
        Assert.Equal(["person-02"], source.Unseen);
        Assert.StartsWith("recordings of 3 people", source.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_that_was_cut_off_is_incomplete_wherever_it_was_cut()
    {
        using var folder = new TemporaryFolder();
        var (file, cut) = (folder.File("run.slrec"), folder.File("cut.slrec"));
        var run = await ProgramProcess.RunAsync(
            ["fit", .. recordings.Data, "--devices", "2", "--host", "dataflow", "--record", file, "--out", folder.File("out")]);
        Assert.Equal(0, run.ExitCode);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        Recording.Require(new(file));

        var third = Array.IndexOf(bytes, (byte)'\n', Array.IndexOf(bytes, (byte)'\n') + 1) + 5;
        foreach (var length in new[] { bytes.Length - 1, bytes.Length - 20, bytes.Length / 2, third, 2000 })
        {
            await File.WriteAllBytesAsync(cut, bytes[..length], TestContext.Current.CancellationToken);
            var refused = Assert.Throws<ProgramException>(() => Recording.Require(new(cut)));
            Assert.Equal(65, refused.ExitCode);
            Assert.Matches(FormattableString.Invariant($@": incomplete at byte {length:N0}, [0-9.]+ s after the start"), refused.Message);
        }

        AssertRefused(65, "incomplete at byte 2,000, ", await ToolRun.RunAsync("replay", cut));
    }

    [Fact]
    public void A_file_that_cannot_be_completed_leaves_the_one_that_was_there_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var file = new FileInfo(folder.File("result.json"));
        Files.Write(file, "before");

        using (var pending = new PendingFile(file)) { pending.Writer.Write("half"); }

        Assert.Equal("before", File.ReadAllText(file.FullName));
        Assert.Equal(["result.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
        var full = Assert.Throws<ProgramException>(() => Files.Write(new("/dev/full"), "text"));
        Assert.Equal(73, full.ExitCode);
        Assert.True(File.Exists("/dev/full"));
    }

    [Fact]
    public void What_a_killed_program_left_of_a_file_goes_with_the_next_that_writes_it()
    {
        using var folder = new TemporaryFolder();
        using var ended = Process.Start("true");
        ended.WaitForExit();
        foreach (var name in new[] { $".result.json.{ended.Id}.part", $".other.json.{ended.Id}.part", ".result.json.1.part" })
        {
            File.WriteAllText(folder.File(name), "half");
        }

        Files.Write(new(folder.File("result.json")), "whole");

        Assert.Equal([$".other.json.{ended.Id}.part", ".result.json.1.part", "result.json"],       // process 1 is running
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(FitCommand.Look, 17)]
    [InlineData(FitCommand.Fit, 42)]
    [InlineData(FitCommand.Answer, 13)]
    [InlineData(FitCommand.Replay, 29)]
    public void Every_option_is_in_the_table_of_ways_to_run_and_the_help_shows_those_of_the_command(FitCommand kind, int shown)
    {
        var command = new System.CommandLine.Command("command");
        new Choices(kind, "program").AddTo(command);

        var options = command.Options.Select(o => o.Name);

        Assert.Equal(options.Order(StringComparer.Ordinal), OptionRules.Table.Select(r =>
            r.Option).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(shown, command.Options.Count(static o => !o.Hidden));
    }

    [Fact]
    public void An_option_is_refused_exactly_where_the_table_says_that_it_has_no_effect()
    {
        (string, string)[] own = [("--csv", "f"), ("--label", "c")];
        (FitCommand Command, Way Way, (string, string)[] Given)[] ways =
        [
            (FitCommand.Fit, Way.Simulation, []), (FitCommand.Fit, Way.Dataflow, [("--host", "dataflow")]),
            (FitCommand.Fit, Way.Link, [("--link", "mqtt://a")]), (FitCommand.Replay, Way.Replay, []),
            (FitCommand.Fit, Way.Simulation, own), (FitCommand.Fit, Way.Alone, [.. own, ("--alone", "")]),
            (FitCommand.Look, Way.Look, [("--csv", "f")]), (FitCommand.Look, Way.Look, [("--arrow", "f")]),
            (FitCommand.Answer, Way.Answer, [("--csv", "f")]),
        ];
        string[] changing = ["--host", "--link", "--alone", "--csv", "--arrow", "--label", "--data", "--target", "--ahead"];
        string[] ofText = ["--time-format", "--missing", "--delimiter", "--encoding", "--comment", "--no-header"];
        string[] ofOwn = [.. ofText, "--device", "--rate", "--unseen", "--window", "--channels", "--ignore", "--time"];
        foreach (var (command, way, given) in ways)
        {
            Assert.Equal(way, OptionRules.WayOf(command, given));
            var isOwn = given.Any(g => g.Item1 is "--csv" or "--arrow");
            var isText = given.All(static g => g.Item1 != "--arrow");
            foreach (var rule in OptionRules.Table.Where(r => !changing.Contains(r.Option) && (isOwn || !ofOwn.Contains(r.Option))
                && (isText || !ofText.Contains(r.Option))))
            {
                var broken = OptionRules.Broken(command, [.. given, (rule.Option, rule.Value ?? "x")]);
                Assert.True(rule.Where.HasFlag(way) == (broken is null), $"{rule.Option} {rule.Value} in {way}: {broken}");
                Assert.True(broken is null || broken.Length > rule.Option.Length + 3, broken);
            }
        }
    }

    [Theory]
    [InlineData(FitCommand.Fit, "--label: expected --csv", "--label", "x")]
    [InlineData(FitCommand.Look, "--follow: only a saved model follows a file: streamlearn answer", "--csv", "f", "--follow", "true")]
    [InlineData(FitCommand.Fit, "--csv: leave --data out", "--csv", "f", "--label", "c", "--data", "d")]
    [InlineData(FitCommand.Fit, "--label: expected the column with the class, or --target with the value; to see the columns, "
        + "run streamlearn look --csv 'a b'", "--csv", "a b", "--seconds", "3")]
    [InlineData(FitCommand.Look, "--seconds: leave it out; look only inspects", "--csv", "f", "--seconds", "3")]
    [InlineData(FitCommand.Look, "look: expected --csv FILES or --arrow FILES")]
    [InlineData(FitCommand.Fit, "--mode: leave it out", "--csv", "f", "--label", "c", "--alone", "true", "--mode", "barrier")]
    public void Options_of_own_data_say_what_goes_with_what(FitCommand command, string expected, params string[] words)
    {
        var given = words.Chunk(2).Select(static w => (w[0], w[1])).ToList();

        Assert.StartsWith(expected, OptionRules.Broken(command, given), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_graphs_are_two_with_titles_and_without_settings_in_braces()
    {
        foreach (var format in new[] { "mermaid", "dot" })
        {
            var run = await ToolRun.RunAsync("fit", "--graph", format);

            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Equal(3, run.Output.Split(format == "dot" ? "digraph \"" : "---\ntitle: ").Length);
            Assert.Equal(2, run.Output.Split(format == "dot" ? "}\n\ndigraph" : "\n\n---\ntitle: aggregator\n").Length);
            Assert.DoesNotContain("Options", run.Output, StringComparison.Ordinal);
            Assert.DoesNotMatch("[A-Za-z] \\{ ?[A-Z]", run.Output);
            Assert.Contains("FedBuff, averaging", run.Output, StringComparison.Ordinal);
        }
    }

    private static void AssertRefused(int exitCode, string reason, ProgramProcess run)
    {
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("streamlearn: ", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Recordings in the original layout: eight seconds of each person.</summary>
    private static async Task RecordAsync(TemporaryFolder folder, int[] people)
    {
        var labels = new StringBuilder();
        foreach (var (index, person) in people.Index())
        {
            var name = FormattableString.Invariant($"exp{index + 1:00}_user{person:00}.txt");
            var rows = Enumerable.Range(0, 400);
            await File.WriteAllLinesAsync(folder.File($"acc_{name}"), rows.Select(_ => "0.100 0.200 1.000"),
                TestContext.Current.CancellationToken);
            await File.WriteAllLinesAsync(folder.File($"gyro_{name}"), rows.Select(_ => "0.0 0.0 0.0"),
                TestContext.Current.CancellationToken);
            labels.Append(System.Globalization.CultureInfo.InvariantCulture, $"{index + 1} {person} 1 1 400\n");
        }

        await File.WriteAllTextAsync(folder.File("labels.txt"), labels.ToString(), TestContext.Current.CancellationToken);
    }
}
