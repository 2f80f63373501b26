using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

/// <summary><paramref name="Source"/>: the rows, prepared for the network.</summary>
internal sealed record FleetModel(string Name, FleetSource Source, Network Network)
{
    private const int WindowValues = 128 * 6;       // values of a window that a buffer of 128 rows is meant for

    /// <summary>95 % confidence bounds of the accuracy on unseen devices; null: the model was named, or too few devices chose it.</summary>
    internal (double Low, double High)? Promised { get; init; }

    internal static FleetModel Of(ModelKind kind, FleetSource source, long seed)
    {
        var model = FitModel.Of(kind, source.ToRows(), seed);
        return new(model.Name, source with
        {
            Input = new Prepared(model.Preparation),
            BufferRows = Preparation.TakesRows(kind) ? source.BufferRows : BufferOf(model.Preparation.Input.Size),
            MaxVisits = model.IsLinear ? null : new TrainOptions().MaxVisits,
            ModelName = model.Name,
        }, model.Network);
    }

    /// <summary>About the bytes of 128 windows.</summary>
    private static int BufferOf(int columns) => Math.Clamp(128 * WindowValues / columns, 128, 4096);
}
