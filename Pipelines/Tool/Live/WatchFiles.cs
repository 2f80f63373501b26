using StreamLearn.Tables;

namespace Tool;

internal static class WatchFiles
{
    internal static int Run(TableOptions look, TableWatchOptions options, FileInfo? file, TextWriter output, TextWriter error)
    {
        void Say(string line) => error.WriteLine($"streamlearn: {PrintableText.Of(line)}");
        var watch = FileWatch.Of(look, options, Say);
        if (file is not null && watch.Columns.Origins.Any(f => Path.GetFullPath(f) == file.FullName))
        {
            throw new ProgramException($"--out: {file} has the rows: name another file for the scores", ExitCode.BadCommandLine);
        }

        var isPage = file is not null && IsPage(file.Name);
        using var stream = file is null || isPage ? null : Open(file, isLive: false);
        var writer = isPage ? TextWriter.Null : stream ?? output;
        if (watch.Caveat is { } caveat) { error.WriteLine($"streamlearn: {caveat}"); }
        writer.WriteLine(ScoreFile.Head(watch.IsByDevice, watch.HasTime));
        var (page, lines) = (file is null ? null : new WatchPage(watch.HasTime), new List<string>());
        var found = watch.Run(lines, score =>
        {
            if (!isPage) { writer.WriteLine(ScoreFile.Line(score, watch.HasTime)); }
            page?.Add(score);
        });
        writer.Flush();
        if (file is not null && page is not null)
        {
            FileInfo drawn = new(Path.ChangeExtension(file.FullName, ".html"));
            Files.Write(drawn, page.Draw(found, watch, Path.GetFileName(watch.Columns.Title)));
            lines.Add($"page {Path.ChangeExtension(file.ToString(), ".html")}");
        }

        lines.ForEach(Say);
        return ExitCode.Done;
    }

    internal static bool IsPage(string name) => name.EndsWith(".html", StringComparison.OrdinalIgnoreCase);

    internal static ScoreFile Open(FileInfo file, bool isLive) => new(
        new(Files.Create(file), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = isLive }, $"{file}");
}
