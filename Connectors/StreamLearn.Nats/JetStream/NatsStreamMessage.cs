using System.Globalization;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>A message that a consumer has delivered. Its bytes are its own. It is answered once: of several answers the first counts. What
/// answers it never waits for the server, and may be called by any thread, also after the reading has ended.</summary>
/// <remarks>One that is not answered counts against <see cref="NatsReadOptions.Capacity"/>, and comes to no other reader while the reading
/// goes on. When that has ended, it is delivered again after the consumer's <see cref="NatsConsumer.AckWait"/>.</remarks>
public sealed class NatsStreamMessage
{
    private readonly ConsumerReading _reading;
    private readonly long _id;
    private int _isAnswered;

    internal NatsStreamMessage(ConsumerReading reading, string subject, in JetMessage message)
    {
        (_reading, _id, Subject, Sequence) = (reading, message.Id, subject, message.Sequence);
        Payload = message.Payload.ToArray();
        Properties = NatsProperties.TryRead(message.Headers, default, out var properties) ? properties : null;
        Time = DateTimeOffset.UnixEpoch.AddTicks(message.Nanoseconds / 100);
        if (NatsDelivery.TryParse(message.Subject.Span, out var delivery))
        {
            (Deliveries, Pending) = ((long)delivery.Delivered, (long)delivery.Pending);
        }
    }

    /// <summary>Its subject.</summary>
    public string Subject { get; }

    /// <summary>Its payload.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>What it carries beside the payload, but for what was said to the server; null: nothing, or what is no properties.</summary>
    public MessageProperties? Properties { get; }

    /// <summary>Its number in the stream.</summary>
    public long Sequence { get; }

    /// <summary>When the stream took it.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>How often it was delivered, this time included.</summary>
    public long Deliveries { get; }

    /// <summary>Messages that the consumer had yet to deliver when it delivered this one; 0: this was the last.</summary>
    public long Pending { get; }

    /// <summary>It is done with: it does not come again.</summary>
    public void Acknowledge()
    {
        if (IsFirst()) { _reading.Settle(_id, Outcome.Acknowledge); }
    }

    /// <summary>It was not processed: it is delivered again, to whoever reads; the first time at once, then after waits that
    /// grow.</summary>
    public void Refuse()
    {
        if (IsFirst()) { _reading.Settle(_id, Outcome.Refuse); }
    }

    /// <summary>It was not processed: it is delivered again after a wait.</summary>
    /// <param name="after">How long, from zero to a year.</param>
    public void Refuse(TimeSpan after)
    {
        NatsOptions.Between(after, TimeSpan.Zero, TimeSpan.FromDays(365), nameof(after));
        if (!IsFirst()) { return; }
        _reading.Answer(_id, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"-NAK {{\"delay\":{after.Ticks}00}}")),
            isDone: false);
    }

    /// <summary>It can never be processed: it does not come again. While there is no connection the server does not hear it, and it
    /// comes.</summary>
    public void Terminate()
    {
        if (IsFirst()) { _reading.Answer(_id, "+TERM"u8, isDone: true); }
    }

    /// <summary>It is still worked on, and goes to no other reader for another <see cref="NatsConsumer.AckWait"/>. While the reading goes
    /// on, this is said by itself after each half of that time.</summary>
    public void ReportProgress()
    {
        if (Volatile.Read(ref _isAnswered) == 0) { _reading.ReportProgress(_id); }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{NatsText.Plain(Subject)}: message {Sequence}, {Payload.Length} bytes, delivery {Deliveries}");

    private bool IsFirst() => Interlocked.Exchange(ref _isAnswered, 1) == 0;
}
