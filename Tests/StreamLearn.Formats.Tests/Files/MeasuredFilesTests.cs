namespace StreamLearn.Formats.Tests;

/// <summary>Bytes are counted while no other test of the project runs.</summary>
[CollectionDefinition(nameof(FilesMeasuredAlone), DisableParallelization = true)]
public sealed class FilesMeasuredAlone;

[Collection(nameof(FilesMeasuredAlone))]
public sealed class MeasuredFilesTests : IDisposable
{
    private const int BatchesPerRound = 100;
    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Theory, InlineData("csv"), InlineData("gzip"), InlineData("jsonl"), InlineData("npy")]
    public void Sources_allocate_nothing_in_steady_state(string format)
    {
        var path = _folder.Of("rows");
        using (var sink = OperatorProbe.From<Batch>((_, flow) => Write(flow, path, format), guard: false))
        {
            for (var i = 0; i < 60 * BatchesPerRound; i++) { sink.Send(Golden.Batch(sink.Pool)); }
            sink.Complete();
        }
        if (format == "gzip") { File.WriteAllBytes(path, FileFolder.Zipped(File.ReadAllBytes(path))); }
        using var probe = new SourceProbe<Batch>(p => format switch
        {
            "jsonl" => p.FromJsonLines(path, new() { Columns = Golden.Columns, BatchRows = Golden.Rows }),
            "npy" => p.FromNpy(path, new() { BatchRows = Golden.Rows }),
            _ => p.FromCsv(path, new() { Columns = Golden.Columns, BatchRows = Golden.Rows }),
        }, guard: false);
        void Round() { for (var i = 0; i < BatchesPerRound; i++) { probe.Next().Dispose(); } }

        for (var i = 0; i < 5; i++) { Round(); }

        Assert.Equal(0, Allocations.Least(probe.Pool, Round));
        while (probe.NextAt is not null) { probe.Next().Dispose(); }
    }

    [Theory, InlineData("csv"), InlineData("jsonl"), InlineData("npy")]
    public void Sinks_allocate_nothing_in_steady_state(string format)
    {
        var path = _folder.Of("rows");
        using var probe = OperatorProbe.From<Batch>((_, flow) => Write(flow, path, format), guard: false);
        using var batch = Golden.Batch(probe.Pool);
        void Round() { for (var i = 0; i < BatchesPerRound; i++) { probe.Send(batch.Retain()); } }
        Round();
        Assert.InRange(Allocations.Least(probe.Pool, Round), 0, 256);
    }

    private static Sink Write(Flow<Batch> flow, string path, string format) => format switch
    {
        "jsonl" => flow.ToJsonLines(path, new() { Columns = Golden.Columns }),
        "npy" => flow.ToNpy(path),
        _ => flow.ToCsv(path, new() { Columns = Golden.Columns }),
    };
}
