using System.Diagnostics;
using System.Text;

namespace Tool.Tests;

/// <summary>What the program cannot use it refuses, in one line, and nothing half-written is left.</summary>
public sealed class RefusalTests
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
    [InlineData("look", 19)]
    [InlineData("fit", 40)]
    [InlineData("answer", 15)]
    public void A_command_has_the_options_that_it_takes(string name, int expected)
    {
        var command = name == "look" ? FitCommands.Look(Stream.Null) : name == "fit" ? FitCommands.Fit(Stream.Null) : new("answer");
        if (name == "answer") { FitCommands.Answer(command, Stream.Null); }

        Assert.Equal(expected, command.Options.Count);
    }

    [Fact]
    public void One_machine_takes_no_option_of_a_fleet()
    {
        foreach (var option in OptionRules.OfFleet)
        {
            Assert.Null(OptionRules.OfFit(new([("--csv", "f"), ("--label", "c"), ("--fleet", ""), (option, "x")])));
            Assert.Equal($"{option}: expected --fleet with it; one machine learns from your rows by default",
                OptionRules.OfFit(new([("--csv", "f"), ("--label", "c"), (option, "x")])));
            Assert.Equal($"{option}: leave it out; one machine learns, without a fleet",
                OptionRules.OfFit(new([("--csv", "f"), ("--label", "c"), ("--alone", ""), (option, "x")])));
        }
    }

    [Theory]
    [InlineData("fit", "--label: expected --csv", "--label", "x")]
    [InlineData("fit", "--csv: leave --data out", "--csv", "f", "--label", "c", "--data", "d")]
    [InlineData("fit", "--alone: expected --csv, --arrow or --data", "--alone", "true")]
    [InlineData("fit", "--encoding: leave it out; an Arrow file defines it", "--arrow", "f", "--label", "c", "--encoding", "utf-8")]
    [InlineData("look", "look: expected --csv FILES or --arrow FILES")]
    [InlineData("answer", "--follow: leave it out; an Arrow file does not grow", "--arrow", "f", "--follow", "true")]
    [InlineData("answer", "--follow: leave it out; standard input is read to its end", "--csv", "-", "--follow", "true")]
    public void Options_of_own_data_say_what_goes_with_what(string command, string expected, params string[] words)
    {
        var given = new Given([.. words.Chunk(2).Select(static w => (w[0], w[1]))]);

        Assert.StartsWith(expected, command switch
        {
            "fit" => OptionRules.OfFit(given),
            "look" => OptionRules.OfLook(given),
            _ => OptionRules.OfAnswer(given),
        }, StringComparison.Ordinal);
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
