using System.CommandLine;

namespace Tool.Tests;

public sealed class RecordedOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private FileInfo File => new(_folder.File("run.slrec"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_replay_takes_the_options_of_its_recording_where_no_others_are_given()
    {
        using (var recording = new Recording(File, [("--data", "a \"b\""), ("--devices", "3"), ("--mode", "barrier")]))
        {
            recording.Complete();
        }

        var (choices, command) = (new Choices(FitCommand.Replay, "program"), new Command("replay"));
        choices.AddTo(command);
        var options = choices.WithRecorded(command.Parse([File.FullName, "--devices", "5", "--out", "again"]));

        Assert.Equal(("a \"b\"", 5, ModeChoice.Barrier), ($"{options.Data}", options.Devices, options.Mode));
        Assert.Equal((File.FullName, "again"), (options.Replay!.FullName, $"{options.Out}"));
        using var calls = Recording.Open(File);
        Assert.Equal("end of the run", calls.ReadToEnd());
    }

    [Fact]
    public void A_recording_keeps_what_its_run_depends_on() => Assert.Equal(
        [("--csv", "f"), ("--label", "c"), ("--seed", "7")],
        OptionRules.Kept([("--csv", "f"), ("--label", "c"), ("--seed", "7"), ("--host", "dataflow"), ("--link", "mqtt://a"),
            ("--record", "r"), ("--out", "o"), ("--json", "j")]));

    [Theory]
    [InlineData("streamlearn-run 1\n", 0)]
    [InlineData("fit [\"--devices\",\"3\"]\n", 1)]
    [InlineData("fit [\"--devices\"\n", -1)]
    public void A_recording_without_options_has_none_and_a_damaged_line_of_them_is_refused(string text, int options)
    {
        System.IO.File.WriteAllText(File.FullName, text);

        if (options >= 0) { Assert.Equal(options, Recording.OptionsOf(File).Count); }
        else { Assert.Equal(65, Assert.Throws<ProgramException>(() => Recording.OptionsOf(File)).ExitCode); }
    }
}
