using System.Globalization;

namespace StreamLearn.Operators;

/// <summary>Settings of a queue with deadlines.</summary>
public sealed record DeadlineQueueOptions
{
    /// <summary>Order of service; default earliest deadline.</summary>
    public ServiceOrder Order
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Order), value, "expected an Order");
    }

    /// <summary>Maximum number of waiting messages, at least 1; default 64. If there are more, infeasible ones are dropped or, if there are
    /// none, the last in <see cref="Order"/>, as <c>full</c>.</summary>
    public int CapacityMessages
    {
        get;
        init => field = value >= 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(CapacityMessages), value, "expected at least 1 message");
    } = 64;

    /// <summary>True: serves messages even if they miss their deadline, as a plain queue does. Default false.</summary>
    public bool KeepInfeasible { get; init; }

    /// <summary>Weight of the newest measurement in the predicted service time, above 0, at most 1; default 0.2. Not used with a prediction
    /// function.</summary>
    public double NewestShare
    {
        get;
        init => field = value is > 0 and <= 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(NewestShare), value, "expected above 0, at most 1");
    } = 0.2;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{OrderText}, {CapacityMessages} messages, {(KeepInfeasible ? "keeps" : "drops")} infeasible");

    private string OrderText => Order switch
    {
        ServiceOrder.FirstIn => "first in, first out",
        ServiceOrder.LastIn => "last in, first out",
        _ => "earliest deadline first",
    };
}
