using System.Globalization;

namespace StreamLearn.Operators;

/// <summary>How a queue with deadlines serves and drops.</summary>
public sealed record DeadlineQueueOptions
{
    /// <summary>Which message is next; default the one with the earliest deadline.</summary>
    public ServiceOrder Order
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Order), value, "expected an order");
    }

    /// <summary>Messages that wait at most, at least 1; default 64. When one more comes, infeasible ones are dropped, and if there is none
    /// the last in <see cref="Order"/>, counted <c>full</c>.</summary>
    public int CapacityMessages
    {
        get;
        init => field = value >= 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(CapacityMessages), value, "expected at least 1 message");
    } = 64;

    /// <summary>True: a message is served though its deadline cannot be met, as a plain queue does. Default false.</summary>
    public bool KeepInfeasible { get; init; }

    /// <summary>What the newest measured service counts in the predicted one, above 0 and at most 1; default 0.2. Used where no function
    /// predicts the service.</summary>
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
