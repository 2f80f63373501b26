using StreamLearn.Formats;

namespace Benchmarks;

/// <summary>Rows of files that a second of processor time reads into batches, through a pipeline, beside pandas, numpy and C.</summary>
internal sealed class SourcesSuite : Suite
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Sources", "peers");
    private static readonly Peer Pandas = new("pandas", () => Peers.Python("pandas", Path.Combine(Folder, "pandas_peer.py")));

    private static readonly Peer Loop = new(
        "c", () => Peers.Compiled(Path.Combine(Folder, "loop"), Path.Combine(Folder, "loop.c"), "-DLOOP"));

    private static readonly SourceFile[] Files =
    [
        new("csv", "csv", SourceFile.Csv, static (p, path) => p.FromCsv(path, new() { Columns = SourceFile.Columns })),
        new("csv.found", "csv", SourceFile.Csv, static (p, path) => p.FromCsv(path)),
        new("csv.time", "csv.time", SourceFile.CsvWithTime, static (p, path) => p.FromCsv(path, new() { Columns = SourceFile.WithTime })),
        new("jsonl", "jsonl", SourceFile.JsonLines, static (p, path) => p.FromJsonLines(path, new() { Columns = SourceFile.Columns })),
        new("npy", "npy", SourceFile.Npy, static (p, path) => p.FromNpy(path)),
        new("npy.flat", "npy", SourceFile.Flat, static (p, path) => p.FromNpy(path, new() { BatchRows = 16384 })),
    ];

    internal override string Name => "sources";

    internal override IReadOnlyList<Case> Cases { get; } = [.. Files.Select(file => new Case(
        file.Name, "rows/cpu-s", file.Ours(), [.. PeersOf(file).Select(peer => file.Beside(peer))])
    {
        HigherIsBetter = true, Repeats = 7,
    })];

    internal override bool Check(TextWriter output)
    {
        var agree = true;
        foreach (var file in Files)
        {
            var ours = file.Total();
            foreach (var peer in PeersOf(file))
            {
                if (peer.Missing() is { } missing)
                {
                    output.WriteLine($"{file.Name}: {peer.Name} is not measured: {missing}");
                    continue;
                }
                var theirs = (double)peer.Ask($"check {file.Kind} {file.Path}")["value"]!;
                var same = Math.Abs(ours - theirs) <= 1e-9 * Math.Abs(ours);
                output.WriteLine(FormattableString.Invariant(
                    $"{file.Name}: sum {ours:R}, {peer.Name} {theirs:R}{(same ? "" : ": not the same")}"));
                agree &= same;
            }
        }
        return agree;
    }

    private static IEnumerable<Peer> PeersOf(SourceFile file) => file.Kind == "csv" ? [Pandas, Loop] : [Pandas];
}
