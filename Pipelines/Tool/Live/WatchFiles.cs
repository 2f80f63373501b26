using StreamLearn.Tables;

namespace Tool;

internal static class WatchFiles
{
    internal static int Run(TableOptions look, TableWatchOptions options, FileInfo? file, TextWriter output, TextWriter error)
    {
        void Say(string line) => error.WriteLine($"streamlearn: {PrintableText.Of(line)}");
        var watch = FileWatch.Of(look, options, Say);
        if (file is not null && watch.Columns.Files.Set.Files.Any(f => Path.GetFullPath(f) == file.FullName))
        {
            throw new ProgramException($"--out: {file} has the rows: name another file for the scores", ExitCode.BadCommandLine);
        }

        using var stream = file is null ? null : Open(file, isLive: false);
        var writer = stream ?? output;
        if (watch.Caveat is { } caveat) { error.WriteLine($"streamlearn: {caveat}"); }
        writer.WriteLine(ScoreFile.Head(watch.IsByDevice, watch.HasTime));
        var lines = watch.Run(score => writer.WriteLine(ScoreFile.Line(score, watch.HasTime)));
        writer.Flush();
        lines.ForEach(Say);
        return ExitCode.Done;
    }

    internal static ScoreFile Open(FileInfo file, bool isLive) => new(
        new(Files.Create(file), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = isLive }, $"{file}");
}
