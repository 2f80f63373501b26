using System.Globalization;
using StreamLearn;

namespace TauDemo;

/// <summary>Keeps a message for as long as work of the device takes: the time of an aggregation in a virtual world.</summary>
/// <param name="MultiplyAdds">The work.</param>
internal sealed record DelayOptions(long MultiplyAdds) : IBlockOptions
{
    /// <inheritdoc />
    public string State => "none";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => 0;

    /// <inheritdoc />
    public override string ToString() => MultiplyAdds.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Passes messages on, each after some work.</summary>
internal sealed class Delay<T>(DelayOptions options, OperatorContext context, IOutput<T> output) : Operator<T>
    where T : class
{
    public override void Process(T input)
    {
        context.Charge(options.MultiplyAdds);
        output.Emit(input);
    }
}
