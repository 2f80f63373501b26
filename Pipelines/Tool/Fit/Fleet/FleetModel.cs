using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

/// <summary><paramref name="Source"/>: the rows, prepared for the network.</summary>
internal sealed record FleetModel(string Name, FleetSource Source, Network Network)
{
    private const int WindowValues = 128 * 6;       // values per window for which a buffer of 128 rows is intended

    /// <summary>95 % confidence bounds on the accuracy on unseen devices; null if the model was named, or too few devices took part in the
    /// choice.</summary>
    internal (double Low, double High)? Promised { get; init; }

    /// <summary>See <see cref="FleetRun.BestAt"/>.</summary>
    internal TimeSpan? BestAt { get; init; }

    internal static FleetModel Of(ModelKind kind, FleetSource source, long seed)
    {
        var model = FitModel.Of(kind, source.ToRows(), seed);
        return new(model.Name, source with
        {
            Input = new Prepared(model.Preparation),
            BufferRows = Preparation.TakesRows(kind) ? source.BufferRows : BufferOf(model.Preparation.Input.Size),
            MaxVisits = model.IsLinear ? null : new TrainOptions().MaxVisits,
            IsConvex = model is { IsLinear: true, OfValues: false },
            ModelName = model.Name,
        }, model.Network);
    }

    /// <summary>Returns about the bytes of 128 windows.</summary>
    private static int BufferOf(int columns) => Math.Clamp(128 * WindowValues / columns, 128, 4096);
}
