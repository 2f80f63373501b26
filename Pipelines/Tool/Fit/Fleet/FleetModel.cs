using StreamLearn.Models;
using StreamLearn.Programs;

namespace Tool;

/// <summary>What a fleet learns, and from what of its windows. <paramref name="Source"/>: the rows, prepared as the network takes
/// them.</summary>
internal sealed record FleetModel(string Name, FleetSource Source, Network Network)
{
    private const int WindowValues = 128 * 6;       // what a buffer of 128 rows is meant for

    /// <summary>What <c>auto</c> tries, the simplest first.</summary>
    internal static readonly ModelKind[] Candidates = [ModelKind.Linear, ModelKind.Features, ModelKind.Conv];

    /// <summary>The model of a name other than <c>auto</c>.</summary>
    internal static FleetModel Of(ModelKind kind, FleetSource source, long seed)
    {
        var preparation = source.Preparation with { Kind = kind };
        var name = Preparation.Word(kind);
        return new(name, source with
        {
            Preparation = preparation,
            BufferRows = kind == ModelKind.Conv ? source.BufferRows : BufferOf(preparation.Input.Size),
            ModelName = name,
        }, WindowModel.Create(preparation, source.Classes.Length, seed));
    }

    /// <summary>Rows of a buffer of about the bytes that 128 windows take.</summary>
    private static int BufferOf(int columns) => Math.Clamp(128 * WindowValues / columns, 128, 4096);
}
