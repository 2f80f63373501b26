namespace StreamLearn.Mqtt;

internal sealed class LinkFaults(Link link, MqttOptions options)
{
    internal string Last { get; private set; } = "";

    internal bool IsNew { get; private set; }

    private Session Session => link.Session;

    private bool IsConnecting => Session.State == SessionState.Connecting;

    private string Unanswered => IsConnecting ? " before it answered CONNECT" : "";

    private string Doubt => IsConnecting ? ForeignPort.Doubt(options.Server) : "";

    internal void Record(string fault)
    {
        lock (link.Gate) { (Last, IsNew) = (fault, true); }
    }

    /// <summary>Call it when a connection was accepted, while holding the lock.</summary>
    internal void Outlive() => IsNew = false;

    internal void Broken(Exception failure)
    {
        if (TlsAlert.Of(failure) is { } alert) { Alerted(alert, failure); }
        else { Record($"the connection was lost{Unanswered}: {Dialer.Cause(failure)}{Doubt}"); }
    }

    /// <summary>Returns the protocol that explains an invalid CONNECT reply, if there is one. Call it while holding the lock.</summary>
    internal string? Foreign(ReadOnlySpan<byte> bytes) => IsConnecting ? ForeignPort.Fault(bytes, options.Server) : null;

    internal void Closed() => Record($"the server closed the connection{Unanswered}{Doubt}");

    /// <summary>Records an alert; fatal if the client's certificate was refused.</summary>
    internal void Alerted(string alert, Exception failure)
    {
        var fault = TlsAlert.Text(alert, Connector.Place(options), options.ClientCertificate is not null);
        if (TlsAlert.IsOfCertificate(alert)) { Refused(fault, failure); }
        else { Record(fault); }
    }

    /// <summary>Fatal if the login or certificate was never accepted. Otherwise it is retried: only one side may have changed it.</summary>
    internal void Refused(string fault, Exception? inner)
    {
        if (Session.Counters.Connects == 0) { link.Fail(new(fault, isTransient: false, inner)); }
        else { Record(fault); }
    }

    internal void OnServerReason(MqttReason reason)
    {
        var fault = DisconnectReasons.Text(reason, Connector.Place(options), Session.Counters.Connects > 0);
        if (DisconnectReasons.AreForGood(reason)) { link.Fail(new(fault, isTransient: false)); }
        else if (DisconnectReasons.AreOfLogin(reason)) { Refused(fault, inner: null); }
        else if (link.IsUnsubscribed && DisconnectReasons.AreOfSubscription(reason))
        {
            link.Fail(new(Unsubscribed(reason), isTransient: false));
        }
        else { Record(fault); }
    }

    /// <summary>Omits the message of the exception, which may contain a secret.</summary>
    internal void NoLogin(Exception failure)
    {
        var (why, isForGood) = LoginFault(failure);
        if (isForGood) { Refused(why, inner: null); }
        else { Record(why); }
    }

    internal string Unsubscribed(MqttReason reason) => $"the server refused the subscription '{link.Filter}': {reason}";

    private static (string Why, bool IsForGood) LoginFault(Exception failure) => failure switch
    {
        ArgumentException { ParamName: nameof(MqttCredentials.UserName) } =>
            ($"no login: the user name is not text, or has more than {MqttCredentials.MaxBytes} bytes", true),
        ArgumentException { ParamName: nameof(MqttCredentials.Password) } =>
            ($"no login: the password has more than {MqttCredentials.MaxBytes} bytes", true),
        _ => ($"no login: {failure.GetType().Name}",
            failure is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException),
    };
}
