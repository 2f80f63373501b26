namespace StreamLearn.Mqtt;

/// <summary>Some properties and codes are for one side only.</summary>
internal enum Sender
{
    Server,

    Client,
}
