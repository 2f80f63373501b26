using System.Collections.Immutable;

namespace StreamLearn.Formats;

/// <summary>Rows and the refused rows among them. <paramref name="Batch"/>: owned by this message; null: none.</summary>
internal sealed record FileRows(Batch? Batch, ImmutableArray<RefusedRow> Refused) : IOwned, ISized
{
    internal static MessageCodec Codec { get; } = MessageCodec.Of<FileRows>("file-rows/1", State);

    public long SizeBytes => (Batch?.SizeBytes ?? 0) + (Refused.Length * 1024L) + ISized.DefaultBytes;

    public int Rows => Batch?.Rows ?? 0;

    public IOwned Retain() => this with { Batch = Batch?.Retain() };

    public void Dispose() => Batch?.Dispose();

    private static void State(ref StateStream s, ref FileRows rows)
    {
        var batch = s.Value(rows?.Batch);
        try
        {
            var refused = s.Items(rows?.Refused ?? [], RowsReading.MaxRefused, RefusedRow.State);
            if (s.IsReading) { rows = new(batch, refused); }
        }
        catch when (s.IsReading)
        {
            batch?.Dispose();
            throw;
        }
    }
}

internal sealed class PartRefused(IOutput<Batch> output, IOutput<RefusedRow> refused) : Operator<FileRows>
{
    public override void Process(FileRows input)
    {
        if (input.Batch is { } batch) { output.Emit(batch); }
        foreach (var row in input.Refused) { refused.Emit(row); }
    }
}

internal sealed record RowSourceBlock(string Format, string Pattern, string Settings) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => [FileRows.Codec];

    public override string ToString() => $"{Pattern}{(Settings.Length == 0 ? "" : $", {Settings}")}";
}

internal sealed record PartRefusedBlock : IBlockOptions
{
    public int MaxOutputsPerCall => RowsReading.MaxRefused + 1;

    public IReadOnlyList<MessageCodec> MessageCodecs => [FileRows.Codec, RefusedRow.Codec];

    public override string ToString() => "";
}
