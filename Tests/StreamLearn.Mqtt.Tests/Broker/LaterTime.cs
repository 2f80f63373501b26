namespace StreamLearn.Mqtt.Tests;

/// <summary>The system's time, and later. Its timers are the system's: sockets, and what waits for them, do not stand still.</summary>
internal sealed class LaterTime : TimeProvider
{
    internal TimeSpan Later { get; set; }
    public override long GetTimestamp() => base.GetTimestamp() + (long)(Later.TotalSeconds * TimestampFrequency);
}
