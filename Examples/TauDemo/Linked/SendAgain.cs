using System.Globalization;
using StreamLearn;

namespace TauDemo;

/// <summary>Sends the last message again while no other one follows: a server that fails may lose what it has taken, and whoever waits for
/// the message would wait for ever.</summary>
/// <typeparam name="T">The messages; whoever gets them knows them again.</typeparam>
/// <param name="Every">How often; above 0.</param>
/// <param name="Codec">Writes a message in a state.</param>
internal sealed record SendAgainOptions<T>(TimeSpan Every, ICodec<T> Codec) : IBlockOptions
    where T : class
{
    /// <inheritdoc />
    public string State => "the last message, and when it goes again";

    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs => [MessageCodec.Of(Codec)];

    /// <inheritdoc />
    public long StateBytes(Schema? input) => 0;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"every {Every.TotalSeconds} s");
}

/// <summary>Passes messages on, and the last one again and again.</summary>
/// <typeparam name="T">The messages.</typeparam>
internal sealed class SendAgain<T>(SendAgainOptions<T> options, OperatorContext context, IOutput<T> output) : Operator<T>, IStateful
    where T : class
{
    private T? _last;
    private DateTimeOffset _due;

    public string StateFormat => "send-again/1";

    public override void Process(T input)
    {
        _last = input;
        Send(input);
    }

    public override void WakeUp()
    {
        if (_last is null) { return; }
        if (_due <= context.Now) { Send(_last); }
        else { context.WakeAt(_due); }      // one wake-up is kept, and this was that of an earlier message
    }

    public override void Complete() => _last = null;

    public void State(ref StateStream s)
    {
        s.Optional(ref _last, options.Codec);
        if (_last is not null) { s.ClockTime(ref _due); }
    }

    private void Send(T message)
    {
        output.Emit(message);
        _due = context.Now + options.Every;
        context.WakeAt(_due);
    }
}
