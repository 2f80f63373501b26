using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class InputFileTests : IDisposable
{
    private static readonly TableOptions Input = new() { Csv = "-" };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Commands_read_standard_input_as_a_file()
    {
        var (file, model) = (_folder.File("rows.csv"), _folder.File("out/model.safetensors"));
        GeneratedRows.Of(people: 2, seed: 9, seconds: 100).Write(file);

        var look = await RunAsync("look --csv -");
        var fit = await RunAsync($"fit --csv - --label activity --model linear --out '{_folder.File("out")}'");
        var answer = await RunAsync($"answer '{model}' --csv -");
        var watch = await RunAsync("watch --csv -");

        Assert.Equal((0, 0, 0, 0), (look.ExitCode, fit.ExitCode, answer.ExitCode, watch.ExitCode));
        Assert.StartsWith("StreamLearn   a look at standard input\n", look.Output, StringComparison.Ordinal);
        Assert.Contains("\n  streamlearn fit --csv - --label activity --device ", look.Output, StringComparison.Ordinal);
        Assert.Contains("data     standard input: ", fit.Output, StringComparison.Ordinal);
        Assert.StartsWith("device,time,class,confidence\n", answer.Output, StringComparison.Ordinal);
        Assert.Contains(" rows scored", watch.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path, "streamlearn-*"));

        Task<ProgramProcess> RunAsync(string words) =>
            ProgramProcess.RedirectedAsync($"< '{file}'", words, new() { ["TMPDIR"] = _folder.Path });
    }

    [Theory]
    [InlineData("time_ms,x,label", "noted     left out standard input:3, column 'x': not finite")]
    [InlineData("x,x,label", "--csv: standard input:1: two columns are named 'x'")]
    public async Task Messages_name_standard_input_and_not_its_file(string head, string expected)
    {
        await File.WriteAllLinesAsync(_folder.File("rows.csv"), [head, "0,1,a", "20,1e300,a", "40,2,b"],
            TestContext.Current.CancellationToken);

        var look = await ProgramProcess.RedirectedAsync($"< '{_folder.File("rows.csv")}'", "look --csv -", []);

        Assert.Contains(expected, look.Output + look.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_file_is_deleted_where_the_command_fails(int failures)
    {
        TableOptions? seen = null;

        var run = InputFile.RunAsync(Input, new MemoryStream("a,b\n"u8.ToArray()), look =>
        {
            seen = look;
            Assert.Equal("a,b\n", File.ReadAllText(look.Spooled!));
            return failures == 0 ? Task.FromResult(3) : throw new InvalidDataException("no");
        }, CancellationToken.None, folder: _folder.Path);

        if (failures == 0) { Assert.Equal(3, await run); }
        else { await Assert.ThrowsAsync<InvalidDataException>(() => run); }
        Assert.NotNull(seen);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task The_file_is_bounded()
    {
        var run = InputFile.RunAsync(
            Input, new MemoryStream(new byte[11]), static _ => Task.FromResult(0), CancellationToken.None, most: 10, _folder.Path);

        Assert.Equal((65, "--csv: standard input has more than 10 bytes: write it to a file, and name that"),
            (await Assert.ThrowsAsync<ProgramException>(() => run)) is var refused ? (refused.ExitCode, refused.Message) : default);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    /// <summary>Ctrl+C while a pipe says nothing more.</summary>
    [Fact]
    public async Task The_file_is_deleted_where_reading_is_interrupted()
    {
        using var source = new SilentStream();
        using var stop = new CancellationTokenSource();

        var run = InputFile.RunAsync(Input, source, static _ => Task.FromResult(0), stop.Token, folder: _folder.Path);
        Assert.Single(Directory.GetFiles(_folder.Path));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private sealed class SilentStream : MemoryStream
    {
        private readonly ManualResetEventSlim _ended = new();

        public override int Read(Span<byte> buffer)
        {
            _ended.Wait();
            return 0;
        }

        protected override void Dispose(bool disposing)
        {
            _ended.Set();
            base.Dispose(disposing);
        }
    }
}
