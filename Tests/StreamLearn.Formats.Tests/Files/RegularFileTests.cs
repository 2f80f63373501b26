using System.Diagnostics;
using System.IO.Pipes;
using System.Net.Sockets;

namespace StreamLearn.Formats.Tests;

/// <summary>What is no regular file is refused before it is opened, which may wait for ever.</summary>
public sealed class RegularFileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);      // of a reader that waits for a writer
    private readonly FileFolder _folder = new();
    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.In);
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public void Dispose()
    {
        _pipe.Dispose();
        _socket.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("pipe", "a pipe: write its rows to a file first")]
    [InlineData("link", "a pipe: write its rows to a file first")]
    [InlineData("descriptor", "a pipe: write its rows to a file first")]
    [InlineData("socket", "a socket: write its rows to a file first")]
    [InlineData("device", "a device: write its rows to a file first")]
    [InlineData("folder", "a folder: use a pattern")]
    public async Task What_is_no_regular_file_is_refused_by_every_reader(string kind, string expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere pipes and devices have other paths");
        var path = Made(kind);
        FileColumn[] columns = [FileColumn.Number("x", ColumnType.Float32, Unit.One)];
        Action[] readers =
        [
            () => FileSet.Find(path), () => CsvSurvey.Columns(path), () => CsvSurvey.Names(path), () => new FileText(path).Dispose(),
            () => FileFolder.Rows(p => p.FromCsv(path, new() { Columns = columns })),
            () => FileFolder.Rows(p => p.FromJsonLines(path, new() { Columns = columns })),
            () => FileFolder.Rows(p => p.FromNpy(path)),
        ];
        foreach (var reader in readers)
        {
            var refusal = await Task.Run(() => Record.Exception(reader)).WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.True(refusal is FileRowsException or InvalidDataException or IOException, $"{refusal}");
            Assert.Contains($", got {expected}", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_pipe_among_files_is_refused_by_its_name()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere pipes have other paths");
        _folder.Write("a.csv", "x\n1\n");
        var path = Made("pipe");
        var refusal = await Task.Run(() => Record.Exception(() => FileSet.Find(_folder.Of("*"))))
            .WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.StartsWith($"{path}: ", Assert.IsType<FileRowsException>(refusal).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_and_a_link_to_a_file_are_files()
    {
        File.CreateSymbolicLink(_folder.Of("link"), _folder.Write("a.csv", "x\n1\n"));
        File.CreateSymbolicLink(_folder.Of("broken"), _folder.Of("none"));
        Assert.Equal(["1"], FileFolder.Rows(p => p.FromCsv(_folder.Of("link"))));
        Assert.All([_folder.Write("empty", ""), _folder.Of("broken"), _folder.Of("none")],
            static p => Assert.Null(RegularFile.ProblemOf(p)));
    }

    private string Made(string kind)
    {
        var path = _folder.Of("it");
        switch (kind)
        {
            case "pipe" or "link":
                using (var made = Process.Start("mkfifo", [path])) { made.WaitForExit(); }
                if (kind == "pipe") { return path; }
                File.CreateSymbolicLink(_folder.Of("link"), path);
                return _folder.Of("link");
            case "socket":
                _socket.Bind(new UnixDomainSocketEndPoint(path));
                return path;
            case "folder":
                return Directory.CreateDirectory(path).FullName;
            default:
                return kind == "device" ? "/dev/zero" : $"/proc/self/fd/{_pipe.SafePipeHandle.DangerousGetHandle()}";
        }
    }
}
