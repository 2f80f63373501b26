using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Models;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>What a fleet can learn: a model, the constants that its steps are chosen by, and the rows that it learns from.
/// <paramref name="Make"/>: makes rows of a number and a seed.</summary>
/// <remarks>The controller is the same for all; phi, where the rule of the source is used, and the rate are constants of the model. Source:
/// Wang et al., IEEE JSAC 37(6), 2019, section VII, and its code.</remarks>
internal sealed record TauModel(string Name, IModel Model, Func<int, long, TauRows> Make)
{
    private const double PhiOfNetworks = 5e-5;

    /// <summary>Even digits against odd ones, by the smooth support vector machine; 10,000 digits.</summary>
    public static TauModel Svm { get; } = new("svm", ReferenceModels.SvmSmooth(GlyphDigits.Pixels), TauData.EvenDigits);

    /// <summary>What a house uses, of 24 readings, by linear regression; 10,000 rows.</summary>
    public static TauModel LinReg { get; } = new("linreg", ReferenceModels.LinReg(TauData.Readings), TauData.Energy);

    /// <summary>Four levels of knowledge in five marks, by k-means; 2,000 rows.</summary>
    public static TauModel KMeans { get; } =
        new("kmeans", ReferenceModels.KMeans(TauData.Marks, TauData.Levels), TauData.Knowledge) { Rows = 2_000 };

    /// <summary>Ten digits of 14 × 14 pixels, by the small convolutional network; 1,000 digits, ten in a step, and 8 s.</summary>
    public static TauModel CnnSmall { get; } =
        new("cnn-small", ReferenceModels.CnnSmall(side: TauData.SmallSide), TauData.SmallDigits)
        {
            Phi = PhiOfNetworks,
            Rows = 1_000,
            UnseenRows = 1_000,
            BatchRows = 10,
            Budget = TimeSpan.FromSeconds(8),
        };

    /// <summary>All of them.</summary>
    public static ImmutableArray<TauModel> All { get; } = [Svm, LinReg, KMeans, CnnSmall];

    /// <summary>phi, as the source has it for such models; default .025.</summary>
    public double Phi { get; init; } = 0.025;

    /// <summary>How steps are chosen; default by what they are worth, without phi.</summary>
    public TauSettings Settings { get; init; } = new();

    /// <summary>Rows that the nodes share; default 10,000.</summary>
    public int Rows { get; init; } = 10_000;

    /// <summary>Rows that no node has; default 4,000.</summary>
    public int UnseenRows { get; init; } = 4_000;

    /// <summary>Rows of a local step; default 100.</summary>
    public int BatchRows { get; init; } = 100;

    /// <summary>How long learning may take; default 15 s.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A fleet that learns it.</summary>
    public TauFleetSettings Fleet => new()
    {
        Model = this,
        Settings = Settings,
        Digits = Rows,
        UnseenDigits = UnseenRows,
        BatchRows = BatchRows,
        Budget = Budget,
    };

    /// <summary>The columns of the rows: a channel each, and what the model learns from.</summary>
    internal Schema Schema => new([.. Channels, .. Told]);

    private IEnumerable<Field> Channels => Enumerable.Range(0, Model.Plan.Input.Channels)
        .Select(static c => Field.Channel(string.Create(CultureInfo.InvariantCulture, $"x{c}"), Unit.One));

    private IEnumerable<Field> Told => Model.Plan.Target switch
    {
        TargetKind.Label => [Field.Label()],
        TargetKind.Value => [Field.Target(Unit.One)],
        _ => [],
    };

    public override string ToString() => Name;
}
