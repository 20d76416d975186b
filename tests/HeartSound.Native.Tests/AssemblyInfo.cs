using System.Runtime.Versioning;

// The native libraries are Linux's.
[assembly: SupportedOSPlatform("linux")]
