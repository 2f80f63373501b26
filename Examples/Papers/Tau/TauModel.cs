namespace Papers;

/// <summary>What a fleet can learn: a model, the constants by which its steps are chosen, and its training rows. Make: makes rows from a
/// number and a seed.</summary>
/// <remarks>The controller is the same for all models; the rate, and phi if the source's rule is used, are constants of the model. Source:
/// Wang et al., IEEE JSAC 37(6), 2019, section VII, and its code.</remarks>
internal sealed record TauModel(string Name, IModel Model, Func<int, long, TauRows> Make)
{
    private const double PhiOfNetworks = 5e-5;
    private const int RowsAtOnce = 500;

    internal static TauModel Svm { get; } = new("svm", ReferenceModels.SvmSmooth(GlyphDigits.Pixels), TauData.EvenDigits);
    internal static TauModel LinReg { get; } = new("linreg", ReferenceModels.LinReg(TauData.Readings), TauData.Energy);
    internal static TauModel KMeans { get; } =
        new("kmeans", ReferenceModels.KMeans(TauData.Marks, TauData.Levels), TauData.Knowledge) { Rows = 2_000 };

    internal static TauModel CnnSmall { get; } =
        new("cnn-small", ReferenceModels.CnnSmall(side: TauData.SmallSide), TauData.SmallDigits)
        {
            Phi = PhiOfNetworks,
            Rows = 1_000,
            UnseenRows = 1_000,
            BatchRows = 10,
            Budget = TimeSpan.FromSeconds(8),
        };

    internal static ImmutableArray<TauModel> All { get; } = [Svm, LinReg, KMeans, CnnSmall];
    internal double Phi { get; init; } = 0.025;

    /// <summary>How the number of steps is chosen; default by measured benefit, without phi.</summary>
    internal TauSettings Settings { get; init; } = new();
    internal int Rows { get; init; } = 10_000;
    internal int UnseenRows { get; init; } = 4_000;
    internal int BatchRows { get; init; } = 100;
    internal TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(15);

    internal TauFleetSettings Fleet => new()
    {
        Model = this,
        Settings = Settings,
        Digits = Rows,
        UnseenDigits = UnseenRows,
        BatchRows = BatchRows,
        Budget = Budget,
    };

    /// <summary>A channel for each column, and the label or value that the model learns.</summary>
    internal Schema Schema => new(
    [
        .. Enumerable.Range(0, Model.Plan.Input.Channels).Select(static c => Field.Channel(Invariant($"x{c}"), Unit.One)),
        .. Model.Plan.Target switch
        {
            TargetKind.Label => [Field.Label()],
            TargetKind.Value => (Field[])[Field.Target(Unit.One)],
            _ => [],
        },
    ]);

    public override string ToString() => Name;

    internal double Loss(Weights version, TauRows rows)
    {
        var (sum, gradients, memory) = (0.0, new float[version.Values.Length], new Workspace());
        for (var from = 0; from < rows.Count; from += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, rows.Count - from);
            sum += (double)count * Model.Loss(version.Values.AsSpan(), rows.Slice(from, count), gradients, memory);
        }

        return sum / rows.Count;
    }

    /// <summary>Returns the accuracy of a version; NaN for rows without classes.</summary>
    internal double Accuracy(Weights version, TauRows rows) => Evaluation.Of(Model, version, rows.Slice(0, rows.Count)).Accuracy;
}
