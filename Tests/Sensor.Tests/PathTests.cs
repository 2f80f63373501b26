using Aggregator;

namespace Sensor.Tests;

public sealed class PathTests : IDisposable
{
    private const string Text = """
        streamlearn: 1
        fleet: f
        state: STATE
        link: { url: 'mqtt://localhost', login: l.txt }
        source: { csv: { files: 'm*.csv', device: { name: m1 }, rate: 50/s } }
        columns: { t: { time: ms }, x: {}, c: { label: [good, worn] } }
        pipeline: [ check: {}, window: {}, learn: {} ]
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _state;

    public PathTests() => _state = Path.GetFileName(_folder.Path);

    public void Dispose()
    {
        if (Directory.Exists(_state)) { Directory.Delete(_state, recursive: true); }
        _folder.Dispose();
    }

    [Fact]
    public void A_path_in_a_file_is_relative_to_that_file()
    {
        var config = Read();

        Assert.Equal(_folder.File(_state), config.Link.State.FullName);
        Assert.Equal(_folder.File("l.txt"), config.Link.Login!.FullName);
        Assert.Equal(_folder.File("m*.csv"), ((CsvConfig)config.Source).Files);
    }

    [Fact]
    public void A_path_of_an_override_is_relative_to_the_working_folder()
    {
        var config = Read("state=other", "source={ csv: { files: 'n.csv', device: { name: m1 }, rate: 50/s } }");

        Assert.Equal(Path.GetFullPath("other"), config.Link.State.FullName);
        Assert.Equal("n.csv", ((CsvConfig)config.Source).Files);
    }

    [Fact]
    public void An_aggregator_gets_the_path_of_the_state_as_it_is_written()
    {
        Read();

        Assert.Contains($"\nstate: '{_state}'\n", AggregatorInit.Text(_folder.File("s.yaml")), StringComparison.Ordinal);
    }

    /// <summary>Earlier versions began all paths at the working folder: a state there is not left behind without a word.</summary>
    [Fact]
    public void A_state_in_the_working_folder_is_named()
    {
        Directory.CreateDirectory(Path.Join(_state, "f", "m2"));
        Assert.Equal(_folder.File($"{_state}/f/m1"), Read().Link.OpenState().Of("m1"));      // that of another device
        Directory.CreateDirectory(Path.Join(_state, "f", "m1"));

        var refused = Assert.Throws<StateFolderException>(() => Read().Link.OpenState().Of("m1"));
        Assert.Equal(ProgramExit.StateUnusable, refused.ExitCode);
        Assert.Contains($"the state of 'm1' in fleet 'f' is in {Path.GetFullPath(_state)}", refused.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.File(_state), refused.Message, StringComparison.Ordinal);

        Directory.CreateDirectory(_folder.File($"{_state}/f/m1"));
        Assert.Equal(_folder.File($"{_state}/f/m1"), Read().Link.OpenState().Of("m1"));
    }

    private SensorConfig Read(params string[] overrides)
    {
        File.WriteAllText(_folder.File("s.yaml"), Text.Replace("STATE", _state, StringComparison.Ordinal));
        return ConfigTree.Load([_folder.File("s.yaml")], overrides).Read(SensorConfig.Read).Value;
    }
}
