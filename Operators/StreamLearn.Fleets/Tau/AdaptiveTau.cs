using System.Globalization;
using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Federated averaging under a budget: chooses the local steps of each round to minimize the loss when the budget is spent; then
/// learning ends.</summary>
/// <remarks>Devices work in lock-step, report <see cref="DeviceEstimate"/> and are weighted by rows. The first version comes when
/// <see cref="Devices"/> have announced themselves (<c>TrainOptions.Announce</c>). Its round is one step or, without phi and with a time
/// budget, the steps that fit the device's wait for it. The version with the least loss is in use, not the newest. Gauges: <c>tau</c>,
/// <c>rho</c>, <c>beta</c>, <c>delta</c>, <c>loss</c>, <c>least-loss</c>, <c>stage</c> (0 learning, 1 last, 2 evaluating, 3 ended), and per
/// resource <c>c-</c>, <c>b-</c> and <c>used-</c> with its name. Source: Wang et al., IEEE JSAC 37(6), 2019.</remarks>
/// <param name="Devices">Devices to await before the first version, at least 1.</param>
public sealed record AdaptiveTau(int Devices) : Strategy
{
    /// <summary>The budget; default 15 s.</summary>
    public ImmutableArray<Resource> Budget { get; init; } = [Resource.Time(TimeSpan.FromSeconds(15))];

    /// <summary>Settings for choosing the steps.</summary>
    public TauSettings Settings { get; init; } = new();

    /// <inheritdoc />
    public override bool AllowsSplit => false;

    /// <inheritdoc />
    public override ImmutableArray<Resource> Limits => Budget;

    /// <inheritdoc />
    public override Rules Rounds => new FedAvg(Devices).Rounds with
    {
        Weigh = Weigh.ByRows,
        Enroll = Devices,
        AcceptsLate = false,
        Steer = new SteerTau(Budget, Settings),
    };

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Devices, 1);
        ArgumentNullException.ThrowIfNull(Settings);
        base.Check();
    }

    /// <inheritdoc />
    public bool Equals(AdaptiveTau? other) => other is not null && Devices == other.Devices && Settings == other.Settings
        && Budget.AsSpan().SequenceEqual(other.Budget.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Devices, Settings, Budget.Length);

    /// <summary>Prints the settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Append(CultureInfo.InvariantCulture, $"Devices = {Devices}, Budget = {SteerTau.Text(Budget)}, Settings = {Settings}");
        return true;
    }
}

internal sealed record SteerTau(ImmutableArray<Resource> Budget, TauSettings Settings) : Steer
{
    public override ISteering Begin(IModel model) => new TauSteering(new TauCourse(Budget, Settings), model.Plan);

    public override void Check() => _ = new TauCourse(Budget, Settings);

    public bool Equals(SteerTau? other) =>
        other is not null && Settings == other.Settings && Budget.AsSpan().SequenceEqual(other.Budget.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Settings, Budget.Length);

    internal static string Text(ImmutableArray<Resource> budget) =>
        string.Join(" + ", budget.Select(static r => string.Create(CultureInfo.InvariantCulture, $"{r.Limit} {r.Name}")));

    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"Budget = {Text(Budget)}, Settings = {Settings}");
        return true;
    }
}
