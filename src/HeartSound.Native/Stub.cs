#pragma warning disable
namespace HeartSound.Native { public sealed class NativeLibraryMissingException : System.Exception {} }
namespace HeartSound.Native.Mosquitto {
public sealed record MosquittoWill(string Topic, byte[] Payload, int Qos, bool Retain);
public sealed record MosquittoOptions { public string Host {get;init;} public int Port {get;init;} public string ClientId {get;init;} public string? Username {get;init;} public string? Password {get;init;} public MosquittoWill? Will {get;init;} }
public delegate void ReceivedHandler(string topic, System.ReadOnlySpan<byte> payload, int qos, bool retain);
public sealed class MosquittoClient(MosquittoOptions o) : System.IDisposable { public event System.Action? Connected; public event System.Action<string>? Disconnected; public event System.Action<int>? Acknowledged; public event ReceivedHandler? Received; public void Start(){} public int Publish(string t, System.ReadOnlySpan<byte> p, int qos, bool retain)=>0; public void Subscribe(string t,int qos){} public void Stop(System.TimeSpan d){} public void Dispose(){} }
}
