using System.Buffers;

namespace StreamLearn;

/// <summary>Messages of a loopback in a state.</summary>
internal sealed class LoopMessages : MessageCodec
{
    internal override Type Type => typeof(LoopMessage);

    internal override string Name => "loop/1";

    internal override void Write(StateWriter writer, object message)
    {
        var loop = (LoopMessage)message;
        var options = new PublishOptions(new("", 0)) { Properties = loop.Properties };
        SavedPublication.Save(writer, loop.Topic, loop.Span, options, loop.Rows);
    }

    internal override object Read(ref StateReader reader)
    {
        var saved = SavedPublication.Load(ref reader);
        var message = new LoopMessage(saved.Topic, saved.Options.Properties, saved.Rows, saved.Payload.WrittenCount);
        message.Write(saved.Payload.WrittenSpan);
        return message;
    }
}
