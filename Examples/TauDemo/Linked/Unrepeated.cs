using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>Which of its sender's messages a message is.</summary>
/// <param name="Sender">The sender.</param>
/// <param name="Epoch">Its start; rises at each.</param>
/// <param name="Number">Rises from message to message of a start.</param>
internal readonly record struct MessagePlace(string Sender, long Epoch, long Number)
{
    /// <summary>That of a version.</summary>
    internal static MessagePlace Of(TauVersion version) => new("", version.Weights.Epoch, version.Weights.Version);

    /// <summary>That of an update.</summary>
    internal static MessagePlace Of(WeightDelta update) => new(update.Device, update.Epoch, update.Sequence);
}

/// <summary>Lets through what is newer than all that its sender has sent before: the other end of <see cref="SendAgain{T}"/>.</summary>
/// <typeparam name="T">The messages.</typeparam>
/// <param name="PlaceOf">Gives the place of a message.</param>
internal sealed record UnrepeatedOptions<T>(Func<T, MessagePlace> PlaceOf) : IBlockOptions
    where T : class
{
    /// <inheritdoc />
    public string State => "the newest place of each sender";

    /// <inheritdoc />
    public override string ToString() => "";
}

/// <summary>Drops what has come before, as <c>repeated</c>.</summary>
/// <typeparam name="T">The messages.</typeparam>
internal sealed class Unrepeated<T>(UnrepeatedOptions<T> options, OperatorContext context, IOutput<T> output) : Operator<T>, IStateful
    where T : class
{
    private readonly SortedDictionary<string, (long Epoch, long Number)> _newest = new(StringComparer.Ordinal);

    public string StateFormat => "unrepeated/1";

    public override void Process(T input)
    {
        var (sender, epoch, number) = options.PlaceOf(input);
        if (_newest.TryGetValue(sender, out var newest) && (epoch, number).CompareTo(newest) <= 0)
        {
            context.Drop(input, "repeated");
            return;
        }

        _newest[sender] = (epoch, number);
        output.Emit(input);
    }

    public void State(ref StateStream s) => s.Items(_newest, int.MaxValue,
        static (ref StateStream s, ref string sender, ref (long Epoch, long Number) newest) =>
        {
            sender = s.Value(sender ?? "");
            newest = (s.Value(newest.Epoch), s.Value(newest.Number));
        });
}
